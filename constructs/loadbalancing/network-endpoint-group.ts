import { ComputeNetworkEndpoint } from "@cdktf/provider-google/lib/compute-network-endpoint";
import { ComputeNetworkEndpointGroup } from "@cdktf/provider-google/lib/compute-network-endpoint-group";
import { Construct } from "constructs";

export interface InstanceEndpoint {
  readonly instance: string;
  /** In the group's subnetwork. */
  readonly ipAddress: string;
}

export interface NetworkEndpointGroupProps {
  readonly name: string;
  readonly zone: string;
  readonly network: string;
  readonly subnetwork: string;
  readonly port: number;
  readonly endpoints: readonly InstanceEndpoint[];
}

/**
 * Zonal, of VMs (`GCE_VM_IP_PORT`): balances named VMs by metrics, which unmanaged instance groups cannot. A VM in it
 * must be in no load-balanced instance group.
 * @example
 * new NetworkEndpointGroup(this, "ai-1", {
 *   name: "ai-1", zone, network, subnetwork, port: 8001, endpoints: [{ instance: "llm-vm-1", ipAddress }],
 * });
 */
export class NetworkEndpointGroup extends Construct {
  readonly kind = "endpoint-group";
  readonly resource: ComputeNetworkEndpointGroup;

  constructor(scope: Construct, id: string, props: NetworkEndpointGroupProps) {
    super(scope, id);
    const { zone, port } = props;
    this.resource = new ComputeNetworkEndpointGroup(this, "group", {
      name: props.name,
      zone,
      network: props.network,
      subnetwork: props.subnetwork,
      networkEndpointType: "GCE_VM_IP_PORT",
      defaultPort: port,
      lifecycle: { createBeforeDestroy: true },
    });
    for (const { instance, ipAddress } of props.endpoints) {
      new ComputeNetworkEndpoint(this, instance, {
        networkEndpointGroup: this.resource.name,
        zone,
        instance,
        ipAddress,
        port,
      });
    }
  }

  get link(): string {
    return this.resource.selfLink;
  }
}
