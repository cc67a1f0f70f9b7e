import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { Construct } from "constructs";

export interface PrivateZoneProps {
  readonly name: string;
  /** With the trailing dot. */
  readonly domain: string;
  readonly network: string;
}

/**
 * Stacks find each other by its names, so an address may change without a plan elsewhere. DNSSEC does not exist for
 * private zones.
 * @example
 * new PrivateZone(this, "private-zone", { name: "terrace-demo-private", domain: "demo.terrace.internal.", network: vpc.network.id });
 */
export class PrivateZone extends Construct {
  constructor(scope: Construct, id: string, props: PrivateZoneProps) {
    super(scope, id);
    new DnsManagedZone(this, "zone", {
      name: props.name,
      dnsName: props.domain,
      description: "Names of the environment's own services, inside the network.",
      visibility: "private",
      forceDestroy: false,
      privateVisibilityConfig: { networks: [{ networkUrl: props.network }] },
    });
  }
}
