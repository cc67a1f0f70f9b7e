import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { Construct } from "constructs";

export interface PublicZoneProps {
  readonly name: string;
  /** Without the trailing dot. */
  readonly domain: string;
  /** Another zone has other name servers, which the registrar does not have. */
  readonly preventDestroy: boolean;
}

/**
 * DNSSEC with elliptic-curve keys, whose answers fit a UDP packet. The registrar needs the DS record and the name
 * servers, which are printed after the apply. A zone with records refuses to be destroyed.
 * @example
 * new PublicZone(this, "public-zone", { name: "terrace-production-public", domain: "example.com", preventDestroy: true });
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
      lifecycle: { preventDestroy: props.preventDestroy },
      dnssecConfig: {
        state: "on",
        nonExistence: "nsec3",
        defaultKeySpecs: [key("keySigning"), key("zoneSigning")],
      },
    });
  }
}
