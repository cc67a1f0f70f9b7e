import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";

/** Reachable from inside a VPC only. https://cloud.google.com/vpc/docs/configure-private-google-access#ip-addr-defaults */
export const PRIVATE_GOOGLE_ACCESS = {
  range: "199.36.153.8/30",
  addresses: ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"],
} as const;

/** As in Google's own zones. */
const RECORD_TTL_SECONDS = 300;

const DOMAINS = {
  "googleapis.com": "APIs and buckets",
  "pkg.dev": "Artifact Registry",
  "gcr.io": "the GPU driver's installer image of Container-Optimized OS",
} as const;

export interface GoogleApisDnsProps {
  /** Prefix. */
  readonly name: string;
  readonly network: string;
}

/**
 * Google's names in one range, which a firewall rule can name: the APIs' public addresses change. Not
 * restricted.googleapis.com, which refuses APIs that VPC Service Controls do not cover.
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
    // The apex cannot be a CNAME.
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
