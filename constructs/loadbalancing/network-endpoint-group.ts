import { ComputeNetworkEndpoint } from "@cdktf/provider-google/lib/compute-network-endpoint";
import { ComputeNetworkEndpointGroup } from "@cdktf/provider-google/lib/compute-network-endpoint-group";
import { Construct } from "constructs";

export interface InstanceEndpoint {
  /** Name of the VM, in the group's zone. */
  readonly instance: string;
  /** Its internal address in the group's subnetwork. */
  readonly ipAddress: string;
}

export interface NetworkEndpointGroupProps {
  /** Name of the group, e.g. `ai-1`. */
  readonly name: string;
  /** Zone of the group and of every VM in it. */
  readonly zone: string;
  readonly network: string;
  readonly subnetwork: string;
  /** TCP port that the VMs serve on. */
  readonly port: number;
  readonly endpoints: readonly InstanceEndpoint[];
}

/**
 * Zonal network endpoint group of VMs (`GCE_VM_IP_PORT`): the way to balance VMs that are named one by one by metrics
 * that they report themselves, which unmanaged instance groups do not offer.
 *
 * A VM in an endpoint group must not stand in a load-balanced instance group too. UTILIZATION is not offered here.
 *
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

  /** Link for backend services. */
  get link(): string {
    return this.resource.selfLink;
  }
}
