import { ComputeTargetHttpProxy } from "@cdktf/provider-google/lib/compute-target-http-proxy";
import { Construct } from "constructs";
import { addForwardingRules } from "./frontend-rules";
import type { GlobalAddresses } from "./global-addresses";
import { CLIENT_KEEP_ALIVE_SECONDS } from "./load-balancer";

export interface HttpFrontendProps {
  /** Of the proxy; forwarding rules add the IP version. */
  readonly name: string;
  readonly addresses: GlobalAddresses;
  readonly urlMap: string;
}

/**
 * Port 80.
 * @example
 * new HttpFrontend(this, "http", { name: names.of("http"), addresses, urlMap: redirect.link });
 */
export class HttpFrontend extends Construct {
  constructor(scope: Construct, id: string, { name, addresses, urlMap }: HttpFrontendProps) {
    super(scope, id);
    const proxy = new ComputeTargetHttpProxy(this, "proxy", {
      name,
      urlMap,
      httpKeepAliveTimeoutSec: CLIENT_KEEP_ALIVE_SECONDS,
    });
    addForwardingRules(this, { name, addresses, port: 80, target: proxy.id });
  }
}
