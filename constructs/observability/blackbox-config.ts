import { dump } from "js-yaml";

export const PROBE_MODULE = "https_2xx";

/** HTTPS, 200, and a certificate that clients would accept. */
export function blackboxConfig(): string {
  return dump({
    modules: {
      [PROBE_MODULE]: {
        prober: "http",
        timeout: "10s",
        http: {
          valid_status_codes: [200],
          // A redirect is not the service's own answer.
          follow_redirects: false,
          fail_if_not_ssl: true,
          // Neither Cloud NAT nor GKE's NAT has IPv6.
          preferred_ip_protocol: "ip4",
          ip_protocol_fallback: false,
        },
      },
    },
  });
}
