import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";

/** Seconds that resolvers keep the address. */
const RECORD_TTL_SECONDS = 300;

export interface IngressAddressProps {
  /** Name by which the Ingress asks for it: `kubernetes.io/ingress.global-static-ip-name`. */
  readonly name: string;
  /** Host name without the trailing dot. */
  readonly host: string;
  /** Name of the public Cloud DNS zone that holds the host. */
  readonly dnsZone: string;
}

/**
 * The reserved address of a GKE Ingress, and the A record that leads its host there.
 *
 * Both are made before the Ingress. A ManagedCertificate is issued only once its host leads to the Ingress and nowhere
 * else, so the record must not come later; and an Ingress without a reserved address gets another one each time it is made
 * anew. IPv4 alone: GKE Ingress takes no second address, and an AAAA record to elsewhere would keep the certificate from
 * being issued.
 *
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
