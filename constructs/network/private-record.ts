import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";

/** Seconds: short, because a client of a replaced data store waits this long for its new address. */
const RECORD_TTL_SECONDS = 60;

export interface PrivateRecordProps {
  /** Name of the zone, not its domain. */
  readonly zone: string;
  /** Host name without the trailing dot. */
  readonly host: string;
  /** Internal IPv4 address. */
  readonly address: string;
}

/**
 * The private name of one service.
 *
 * @example
 * new PrivateRecord(this, "postgres-name", { zone: "terrace-production-private", host: "postgres.production.terrace.internal", address });
 */
export class PrivateRecord extends Construct {
  constructor(scope: Construct, id: string, props: PrivateRecordProps) {
    super(scope, id);
    new DnsRecordSet(this, "record", {
      managedZone: props.zone,
      name: `${props.host}.`,
      type: "A",
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [props.address],
    });
  }
}
