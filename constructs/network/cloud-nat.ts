import { ComputeRouter } from "@cdktf/provider-google/lib/compute-router";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import { Construct } from "constructs";

export interface CloudNatProps {
  /** Of the router; the gateway's begins with it. */
  readonly name: string;
  readonly region: string;
  readonly network: string;
  readonly subnetwork: string;
  /** Where a cluster's pods have their addresses. @default false */
  readonly secondaryRanges?: boolean;
}

/**
 * One named subnet, so that no later one reaches the internet by surprise. Ports are dynamic: a burst of connections to
 * one host exhausts the static 64 silently. Only errors are logged: a line a translation costs more than the gateway.
 * @example
 * new CloudNat(this, "nat", { name: "terrace-demo-nat", region: "asia-northeast3", network: vpc.network.id, subnetwork: vpc.subnetwork.id });
 */
export class CloudNat extends Construct {
  constructor(scope: Construct, id: string, props: CloudNatProps) {
    super(scope, id);
    const router = new ComputeRouter(this, "router", {
      name: props.name,
      region: props.region,
      network: props.network,
    });
    new ComputeRouterNat(this, "gateway", {
      name: `${props.name}-gateway`,
      router: router.name,
      region: props.region,
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetwork: [
        {
          name: props.subnetwork,
          sourceIpRangesToNat: [props.secondaryRanges === true ? "ALL_IP_RANGES" : "PRIMARY_IP_RANGE"],
        },
      ],
      enableDynamicPortAllocation: true,
      // Google refuses the two together: https://cloud.google.com/nat/docs/ports-and-addresses
      enableEndpointIndependentMapping: false,
      minPortsPerVm: 64,
      maxPortsPerVm: 4096,
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
  }
}
