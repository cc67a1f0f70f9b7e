import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";

/** Short: a client of a replaced data store waits this long. */
const RECORD_TTL_SECONDS = 60;

export interface PrivateRecordProps {
  /** Not its domain. */
  readonly zone: string;
  /** Without the trailing dot. */
  readonly host: string;
  /** IPv4. */
  readonly address: string;
}

/**
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
