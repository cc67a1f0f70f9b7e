import { dump } from "js-yaml";

/** Module by which the public name is asked. */
export const PROBE_MODULE = "https_2xx";

/** Contents of blackbox-exporter's configuration: HTTPS, 200, a certificate that clients would accept. */
export function blackboxConfig(): string {
  return dump({
    modules: {
      [PROBE_MODULE]: {
        prober: "http",
        timeout: "10s",
        http: {
          valid_status_codes: [200],
          // A redirect to HTTPS or elsewhere is not the service's own answer.
          follow_redirects: false,
          fail_if_not_ssl: true,
          // Neither Cloud NAT nor GKE's gives machines a way out by IPv6.
          preferred_ip_protocol: "ip4",
          ip_protocol_fallback: false,
        },
      },
    },
  });
}
