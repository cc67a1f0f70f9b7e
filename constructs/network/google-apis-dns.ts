import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";

/**
 * private.googleapis.com: every Google API, reachable from inside a VPC only.
 * https://cloud.google.com/vpc/docs/configure-private-google-access#ip-addr-defaults
 */
export const PRIVATE_GOOGLE_ACCESS = {
  range: "199.36.153.8/30",
  addresses: ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"],
} as const;

/** Seconds. Google's own zones use the same order; the addresses never change. */
const RECORD_TTL_SECONDS = 300;

/** Domain → why machines ask for it. */
const DOMAINS = {
  "googleapis.com": "APIs and buckets",
  "pkg.dev": "Artifact Registry",
  "gcr.io": "the GPU driver's installer image of Container-Optimized OS",
} as const;

export interface GoogleApisDnsProps {
  /** Prefix of the zones' names. */
  readonly name: string;
  /** Network link or id. */
  readonly network: string;
}

/**
 * Private zones that lead Google's names to private.googleapis.com, so that the firewall can name the one range that
 * machines may leave for: the public addresses of the APIs change, and a rule for them would have to be 0.0.0.0/0.
 *
 * Not restricted.googleapis.com: that range only makes sense inside a VPC Service Controls perimeter, and refuses APIs
 * that perimeters do not know.
 *
 * @example
 * new GoogleApisDns(this, "google-apis", { name: "terrace-demo", network: vpc.network.id });
 */
export class GoogleApisDns extends Construct {
  constructor(scope: Construct, id: string, props: GoogleApisDnsProps) {
    super(scope, id);
    for (const [domain, why] of Object.entries(DOMAINS)) {
      this.addZone(domain, why, props);
    }
  }

  private addZone(domain: string, why: string, { name, network }: GoogleApisDnsProps): void {
    const label = domain.replaceAll(".", "-");
    const zone = new DnsManagedZone(this, label, {
      name: `${name}-${label}`,
      dnsName: `${domain}.`,
      description: `Leads ${domain} (${why}) to private.googleapis.com.`,
      visibility: "private",
      privateVisibilityConfig: { networks: [{ networkUrl: network }] },
    });
    // The apex cannot be a CNAME, so it holds the addresses and every name below it points there.
    const apex = domain === "googleapis.com" ? `private.${domain}.` : `${domain}.`;
    new DnsRecordSet(this, `${label}-addresses`, {
      managedZone: zone.name,
      name: apex,
      type: "A",
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [...PRIVATE_GOOGLE_ACCESS.addresses],
    });
    new DnsRecordSet(this, `${label}-names`, {
      managedZone: zone.name,
      name: `*.${domain}.`,
      type: "CNAME",
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [apex],
    });
  }
}
