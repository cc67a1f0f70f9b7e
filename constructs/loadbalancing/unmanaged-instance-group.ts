import { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
import { Construct } from "constructs";
import { SERVING_PORT_NAME } from "./load-balancer";

export interface UnmanagedInstanceGroupProps {
  /** Name of the group, e.g. `ai-1`. */
  readonly name: string;
  /** Zone of the group and of every instance in it. */
  readonly zone: string;
  /** TCP port that the instances serve on; published as the named port that backend services ask for. */
  readonly port: number;
  /** Links of the instances, of one network. One instance may stand in one load-balanced group only. */
  readonly instances: readonly string[];
}

/**
 * Zonal group of VMs that are named one by one: grow the service by adding a VM.
 *
 * It scales and repairs nothing. Balancing by custom metrics is not offered for such groups
 * (https://cloud.google.com/load-balancing/docs/https/applb-custom-metrics): use an {@link EndpointGroup} for that.
 * Its lifecycle creates before it destroys, because that also makes Terraform take a leaving group out of the backend
 * services first; in the plain order Google refuses to delete a group that is still in use.
 *
 * @example
 * new UnmanagedInstanceGroup(this, "ai-1", { name: "ai-1", zone, port: 8001, instances: [vm.selfLink] });
 */
export class UnmanagedInstanceGroup extends Construct {
  readonly kind = "unmanaged-instance-group";
  readonly resource: ComputeInstanceGroup;

  constructor(scope: Construct, id: string, props: UnmanagedInstanceGroupProps) {
    super(scope, id);
    this.resource = new ComputeInstanceGroup(this, "group", {
      name: props.name,
      zone: props.zone,
      instances: [...props.instances],
      namedPort: [{ name: SERVING_PORT_NAME, port: props.port }],
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** Link for backend services. */
  get link(): string {
    return this.resource.selfLink;
  }
}
