import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { Construct } from "constructs";

export interface VpcProps {
  readonly name: string;
  readonly region: string;
  readonly subnetworkName: string;
  /** IPv4 range that every machine stands in. */
  readonly servingCidr: string;
}

/**
 * A VPC network with one subnet for the machines.
 *
 * - No automatic subnets: they would open a range in every region, and overlap every other automatic network.
 * - Routing stays regional: there is one region, and nothing announces routes by BGP.
 * - Private Google access is on, without which a machine that has no external address reaches no Google API.
 * - The default route stays: the addresses of private.googleapis.com and of Cloud NAT are both reached through it. What
 *   may use it is the firewall's to say.
 * - Flow logs sample a tenth of the flows, each ten minutes: enough to see who talks to whom, where every flow each five seconds would cost more than the machines that talk.
 *
 * @example
 * new Vpc(this, "vpc", { name: "terrace-demo", region: "asia-northeast3", subnetworkName: "terrace-demo-serving", servingCidr: "10.10.0.0/24" });
 */
export class Vpc extends Construct {
  readonly network: ComputeNetwork;
  readonly subnetwork: ComputeSubnetwork;

  constructor(scope: Construct, id: string, props: VpcProps) {
    super(scope, id);
    this.network = new ComputeNetwork(this, "network", {
      name: props.name,
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
    });
    this.subnetwork = new ComputeSubnetwork(this, "serving", {
      name: props.subnetworkName,
      network: this.network.id,
      region: props.region,
      ipCidrRange: props.servingCidr,
      privateIpGoogleAccess: true,
      stackType: "IPV4_ONLY",
      logConfig: {
        aggregationInterval: "INTERVAL_10_MIN",
        flowSampling: 0.1,
        metadata: "INCLUDE_ALL_METADATA",
      },
    });
  }
}
