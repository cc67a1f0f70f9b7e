import { ComputeGlobalForwardingRule } from "@cdktf/provider-google/lib/compute-global-forwarding-rule";
import type { Construct } from "constructs";
import type { GlobalAddresses } from "./global-addresses";
import { LOAD_BALANCING_SCHEME, NETWORK_TIER } from "./load-balancer";

export interface FrontendRulesProps {
  /** `-ipv4` and `-ipv6` follow. */
  readonly name: string;
  readonly addresses: GlobalAddresses;
  /** For HTTPS, QUIC has the same UDP port. */
  readonly port: number;
  readonly target: string;
}

export function addForwardingRules(frontend: Construct, props: FrontendRulesProps): void {
  for (const version of ["ipv4", "ipv6"] as const) {
    new ComputeGlobalForwardingRule(frontend, version, {
      name: `${props.name}-${version}`,
      ipAddress: props.addresses[version].id,
      ipProtocol: "TCP",
      loadBalancingScheme: LOAD_BALANCING_SCHEME,
      networkTier: NETWORK_TIER,
      portRange: String(props.port),
      target: props.target,
    });
  }
}
