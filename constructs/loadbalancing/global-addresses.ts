import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { Construct } from "constructs";

export interface GlobalAddressesProps {
  /** `-ipv4` and `-ipv6` follow. */
  readonly name: string;
}

/**
 * Reserved, because an ephemeral address changes with its forwarding rule.
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
