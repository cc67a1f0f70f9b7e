import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { Construct } from "constructs";

export interface ClusterSubnetworkProps {
  readonly name: string;
  readonly region: string;
  readonly network: string;
  readonly nodesCidr: string;
  readonly pods: { readonly rangeName: string; readonly cidr: string };
  readonly services: { readonly rangeName: string; readonly cidr: string };
}

/**
 * Nodes in the primary range, pods and Services in secondary ones, which are named here so that firewall rules can name
 * them. Private Google access is on: nodes have no external address.
 * @example
 * new ClusterSubnetwork(this, "subnetwork", {
 *   name: names.clusterSubnetwork, region, network: names.networkLink(), nodesCidr: "10.22.0.0/22",
 *   pods: { rangeName: names.podsRange, cidr: "10.32.0.0/14" },
 *   services: { rangeName: names.clusterServicesRange, cidr: "10.36.0.0/20" },
 * });
 */
export class ClusterSubnetwork extends Construct {
  readonly resource: ComputeSubnetwork;

  constructor(scope: Construct, id: string, props: ClusterSubnetworkProps) {
    super(scope, id);
    this.resource = new ComputeSubnetwork(this, "subnetwork", {
      name: props.name,
      region: props.region,
      network: props.network,
      ipCidrRange: props.nodesCidr,
      secondaryIpRange: [props.pods, props.services].map(({ rangeName, cidr }) => ({ rangeName, ipCidrRange: cidr })),
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
