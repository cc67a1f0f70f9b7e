import { ComputeTargetHttpProxy } from "@cdktf/provider-google/lib/compute-target-http-proxy";
import { Construct } from "constructs";
import { addForwardingRules } from "./frontend-rules";
import type { GlobalAddresses } from "./global-addresses";
import { CLIENT_KEEP_ALIVE_SECONDS } from "./load-balancer";

export interface HttpFrontendProps {
  /** Name of the proxy; its forwarding rules add the IP version. */
  readonly name: string;
  readonly addresses: GlobalAddresses;
  /** Link of the URL map. */
  readonly urlMap: string;
}

/**
 * Port 80 of a global external Application Load Balancer: target proxy and a forwarding rule per IP version.
 *
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
