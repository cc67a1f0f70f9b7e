import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import type { GlobalAddresses } from "./global-addresses";

/** How long a new address takes to reach everybody. */
const RECORD_TTL_SECONDS = 300;

export interface HostRecordsProps {
  /** Without the trailing dot. */
  readonly host: string;
  readonly dnsZone: string;
  readonly addresses: GlobalAddresses;
}

/**
 * A host's two addresses. With the host in `id`, a host that comes or goes touches no other's records.
 * @example
 * new HostRecords(this, "dns-llm.example.com", { host: "llm.example.com", dnsZone: names.publicZone, addresses });
 */
export class HostRecords extends Construct {
  readonly a: DnsRecordSet;
  readonly aaaa: DnsRecordSet;

  constructor(scope: Construct, id: string, { host, dnsZone, addresses }: HostRecordsProps) {
    super(scope, id);
    const record = { managedZone: dnsZone, name: `${host}.`, ttl: RECORD_TTL_SECONDS };
    this.a = new DnsRecordSet(this, "a", { ...record, type: "A", rrdatas: [addresses.ipv4.address] });
    this.aaaa = new DnsRecordSet(this, "aaaa", { ...record, type: "AAAA", rrdatas: [addresses.ipv6.address] });
  }
}
