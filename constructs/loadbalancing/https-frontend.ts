import { ComputeSslPolicy } from "@cdktf/provider-google/lib/compute-ssl-policy";
import { ComputeTargetHttpsProxy } from "@cdktf/provider-google/lib/compute-target-https-proxy";
import { Construct } from "constructs";
import { addForwardingRules } from "./frontend-rules";
import type { GlobalAddresses } from "./global-addresses";
import { CLIENT_KEEP_ALIVE_SECONDS } from "./load-balancer";

export interface HttpsFrontendProps {
  /** Name of the proxy and its TLS policy; the forwarding rules add the IP version. */
  readonly name: string;
  readonly addresses: GlobalAddresses;
  /** Link of the URL map. */
  readonly urlMap: string;
  /** Link of the certificate map, as `CertificateMap.proxyLink` gives it. */
  readonly certificateMap: string;
}

/**
 * Port 443 of a global external Application Load Balancer: TLS policy, target proxy (HTTP/1.1, HTTP/2 and, by QUIC,
 * HTTP/3) and a forwarding rule per IP version.
 *
 * TLS 1.2 or newer with the RESTRICTED profile: forward secrecy and authenticated encryption only. MODERN would keep
 * CBC suites for clients older than those that call an LLM API. Early data stays off: a replayed POST would be
 * generated, and paid for, twice.
 * Source: https://cloud.google.com/load-balancing/docs/ssl-policies-concepts
 *
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
