import { ComputeSslPolicy } from "@cdktf/provider-google/lib/compute-ssl-policy";
import { ComputeTargetHttpsProxy } from "@cdktf/provider-google/lib/compute-target-https-proxy";
import { Construct } from "constructs";
import { addForwardingRules } from "./frontend-rules";
import type { GlobalAddresses } from "./global-addresses";
import { CLIENT_KEEP_ALIVE_SECONDS } from "./load-balancer";

export interface HttpsFrontendProps {
  /** Of the proxy and its TLS policy; forwarding rules add the IP version. */
  readonly name: string;
  readonly addresses: GlobalAddresses;
  readonly urlMap: string;
  /** `CertificateMap.proxyLink`. */
  readonly certificateMap: string;
}

/**
 * Port 443, with HTTP/3. TLS 1.2 or newer, RESTRICTED: MODERN would keep CBC suites. No early data: a replayed POST
 * would be generated, and paid for, twice. https://cloud.google.com/load-balancing/docs/ssl-policies-concepts
 * @example
 * new HttpsFrontend(this, "https", {
 *   name: names.of("https"), addresses, urlMap: routes.link, certificateMap: certificates.proxyLink,
 * });
 */
export class HttpsFrontend extends Construct {
  constructor(scope: Construct, id: string, { name, addresses, urlMap, certificateMap }: HttpsFrontendProps) {
    super(scope, id);
    const policy = new ComputeSslPolicy(this, "tls", { name, minTlsVersion: "TLS_1_2", profile: "RESTRICTED" });
    const proxy = new ComputeTargetHttpsProxy(this, "proxy", {
      name,
      urlMap,
      certificateMap,
      sslPolicy: policy.id,
      quicOverride: "ENABLE",
      tlsEarlyData: "DISABLED",
      httpKeepAliveTimeoutSec: CLIENT_KEEP_ALIVE_SECONDS,
    });
    addForwardingRules(this, { name, addresses, port: 443, target: proxy.id });
  }
}
