import { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
import { ComputeInstanceGroupMembership } from "@cdktf/provider-google/lib/compute-instance-group-membership";
import { Construct } from "constructs";
import { SERVING_PORT_NAME } from "./load-balancer";

export interface UnmanagedInstanceGroupProps {
  /** Name of the group, e.g. `ai-1`. */
  readonly name: string;
  /** Zone of the group and of every instance in it. */
  readonly zone: string;
  /** TCP port that the instances serve on; published as the named port that backend services ask for. */
  readonly port: number;
  /** The instances, of one network. One may stand in one load-balanced group only. */
  readonly instances: readonly GroupMember[];
}

export interface GroupMember {
  /** Name of the VM, which the membership is called after. */
  readonly name: string;
  /** Link of the VM. */
  readonly link: string;
}

/**
 * Zonal group of VMs that are named one by one: grow the service by adding a VM.
 *
 * It scales and repairs nothing. Balancing by custom metrics is not offered for such groups
 * (https://cloud.google.com/load-balancing/docs/https/applb-custom-metrics): use an {@link EndpointGroup} for that.
 *
 * The group is created before its predecessor is destroyed. That also makes Terraform take a group that leaves out of
 * the backend services first; in the plain order Google refuses to delete a group in use. Terraform hands this order
 * down to whatever the group refers to, and a VM cannot be made while its name is taken. So the group does not list its
 * VMs: each has a membership beside it, which also goes before its VM does and so begins connection draining.
 *
 * @example
 * new UnmanagedInstanceGroup(this, "ai-1", {
 *   name: "ai-1", zone, port: 8001, instances: [{ name: "llm-vm-1", link: vm.selfLink }],
 * });
 */
export class UnmanagedInstanceGroup extends Construct {
  readonly kind = "unmanaged-instance-group";
  readonly resource: ComputeInstanceGroup;

  constructor(scope: Construct, id: string, props: UnmanagedInstanceGroupProps) {
    super(scope, id);
    const { zone } = props;
    this.resource = new ComputeInstanceGroup(this, "group", {
      name: props.name,
      zone,
      namedPort: [{ name: SERVING_PORT_NAME, port: props.port }],
      lifecycle: { createBeforeDestroy: true },
    });
    for (const { name, link } of props.instances) {
      new ComputeInstanceGroupMembership(this, name, { instanceGroup: this.resource.name, instance: link, zone });
    }
  }

  /** Link for backend services. */
  get link(): string {
    return this.resource.selfLink;
  }
}
