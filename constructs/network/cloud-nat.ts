import { ComputeRouter } from "@cdktf/provider-google/lib/compute-router";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import { Construct } from "constructs";

export interface CloudNatProps {
  /** Name of the router; the gateway's begins with it. */
  readonly name: string;
  readonly region: string;
  /** Network link or id. */
  readonly network: string;
  /** Link or id of the one subnet whose machines may leave through the gateway. */
  readonly subnetwork: string;
  /**
   * Also the subnet's secondary ranges, where a cluster's pods have their addresses.
   * @default false
   */
  readonly secondaryRanges?: boolean;
}

/**
 * Cloud NAT: the way out for machines that have no external address. What may take it is the firewall's to say.
 *
 * - One named subnet, so that a subnet made later does not reach the internet by surprise.
 * - Ports are handed out as needed: with the static 64 a VM, a burst of connections to one host runs dry silently.
 * - Only errors are logged: a log line for every translation costs more than the gateway.
 *
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
      // Powers of two; 64 is also the static default. Same source.
      minPortsPerVm: 64,
      maxPortsPerVm: 4096,
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
  }
}
