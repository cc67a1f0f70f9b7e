import { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
import { ComputeInstanceGroupMembership } from "@cdktf/provider-google/lib/compute-instance-group-membership";
import { Construct } from "constructs";
import { SERVING_PORT_NAME } from "./load-balancer";

export interface UnmanagedInstanceGroupProps {
  readonly name: string;
  readonly zone: string;
  /** Published as the named port. */
  readonly port: number;
  /** Of one network. Each may be in one load-balanced group only. */
  readonly instances: readonly GroupMember[];
}

export interface GroupMember {
  readonly name: string;
  readonly link: string;
}

/**
 * Named VMs, neither scaled nor repaired. Custom metrics need a {@link NetworkEndpointGroup}
 * (https://cloud.google.com/load-balancing/docs/https/applb-custom-metrics).
 * Created before its predecessor is destroyed, so that backend services let go of that first. Terraform extends this
 * order to what the group refers to, and a VM's name is taken: so each VM has a membership beside it, whose removal
 * begins connection draining.
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

  get link(): string {
    return this.resource.selfLink;
  }
}
