import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { Construct } from "constructs";

export interface PublicZoneProps {
  readonly name: string;
  /** Domain without the trailing dot. */
  readonly domain: string;
}

/**
 * A public Cloud DNS zone, signed by DNSSEC with elliptic-curve keys (answers stay small enough for one UDP packet).
 *
 * Signing protects nobody until the registrar holds the DS record, and nothing resolves until it holds the name servers;
 * both are printed after the apply. Records that other stacks make do not go with the zone: it refuses to be destroyed
 * while it holds any.
 *
 * @example
 * new PublicZone(this, "public-zone", { name: "terrace-production-public", domain: "example.com" });
 */
export class PublicZone extends Construct {
  readonly zone: DnsManagedZone;

  constructor(scope: Construct, id: string, props: PublicZoneProps) {
    super(scope, id);
    const key = (keyType: string) => ({ algorithm: "ecdsap256sha256", keyLength: 256, keyType });
    this.zone = new DnsManagedZone(this, "zone", {
      name: props.name,
      dnsName: `${props.domain}.`,
      description: `Public names of ${props.domain}.`,
      visibility: "public",
      forceDestroy: false,
      dnssecConfig: {
        state: "on",
        nonExistence: "nsec3",
        defaultKeySpecs: [key("keySigning"), key("zoneSigning")],
      },
    });
  }
}
