import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";

const RECORD_TTL_SECONDS = 300;

export interface IngressAddressProps {
  /** `kubernetes.io/ingress.global-static-ip-name`. */
  readonly name: string;
  /** Without the trailing dot. */
  readonly host: string;
  readonly dnsZone: string;
}

/**
 * Made before the Ingress: a ManagedCertificate is issued only once its host leads to the Ingress and nowhere else, so
 * there is no AAAA record (GKE Ingress takes IPv4 only). Without a reserved address each new Ingress gets another one.
 * @example
 * new IngressAddress(this, "ingress", { name: names.ingressAddress, host: "gke.llm.example.com", dnsZone: names.publicZone });
 */
export class IngressAddress extends Construct {
  readonly address: string;

  constructor(scope: Construct, id: string, { name, host, dnsZone }: IngressAddressProps) {
    super(scope, id);
    const { address } = new ComputeGlobalAddress(this, "ipv4", { name, ipVersion: "IPV4" });
    this.address = address;
    new DnsRecordSet(this, "a", {
      managedZone: dnsZone,
      name: `${host}.`,
      type: "A",
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [address],
    });
  }
}
