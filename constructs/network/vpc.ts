import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { Construct } from "constructs";

export interface VpcProps {
  readonly name: string;
  readonly region: string;
  readonly subnetworkName: string;
  readonly servingCidr: string;
}

/**
 * A network with one subnet for the machines and regional routing.
 * - No automatic subnets, which overlap every other automatic network.
 * - Private Google access is on: machines have no external address.
 * - The default route stays: private.googleapis.com and Cloud NAT are reached through it.
 * - Flow logs sample a tenth, each ten minutes; all flows would cost more than the machines.
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
