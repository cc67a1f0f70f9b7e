import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { Construct } from "constructs";

export interface GlobalAddressesProps {
  /** Begin of both names; `-ipv4` and `-ipv6` follow. */
  readonly name: string;
}

/**
 * The two reserved global addresses of a load balancer, one of each IP version.
 *
 * Reserved, so that they outlive every proxy and rule; an ephemeral address changes with its forwarding rule and takes
 * the DNS records' meaning with it.
 *
 * @example
 * const { ipv4, ipv6 } = new GlobalAddresses(this, "address", { name: names.of("edge") });
 */
export class GlobalAddresses extends Construct {
  readonly ipv4: ComputeGlobalAddress;
  readonly ipv6: ComputeGlobalAddress;

  constructor(scope: Construct, id: string, { name }: GlobalAddressesProps) {
    super(scope, id);
    this.ipv4 = new ComputeGlobalAddress(this, "ipv4", { name: `${name}-ipv4`, ipVersion: "IPV4" });
    this.ipv6 = new ComputeGlobalAddress(this, "ipv6", { name: `${name}-ipv6`, ipVersion: "IPV6" });
  }
}
