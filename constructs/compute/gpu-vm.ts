import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import { DISK_TYPE } from "../../planning/disks";
import { COS_IMAGE } from "./cos-machine";
import { type GpuMachineProps, gpuLabels, gpuMachineConfig } from "./gpu-machine";

export interface GpuVmProps extends GpuMachineProps {
  /** Name of the VM, e.g. `llm-vm-1`. */
  readonly name: string;
  /** Zone with L4 GPUs, e.g. `asia-northeast3-a`. */
  readonly zone: string;
}

/**
 * One GPU VM on Container-Optimized OS that runs a whole serving unit, for an unmanaged instance group.
 *
 * What plans fine and fails later is avoided here: G2 with a live-migration policy, an accelerator declared beside the
 * machine type, a disk type that G2 refuses, an external address, containers declared in metadata (that agent is gone:
 * cloud-init and systemd start them), the Ops Agent on COS.
 *
 * A change of the unit changes metadata in place and restarts nothing: COS applies it at the next boot, so that one
 * apply never empties the service. Reboot the VMs one after another, from within (`sudo systemctl reboot`): that waits
 * for the unit's grace times, whereas a stop from outside gets some 90 seconds, or 30 on Spot
 * (https://cloud.google.com/compute/docs/shutdownscript#limitations). `sudo systemctl stop terrace.target` drains a VM
 * and leaves it up.
 *
 * @example
 * const vm = new GpuVm(this, "llm-vm-1", {
 *   name: "llm-vm-1", zone: "asia-northeast3-a", machineType: "g2-standard-8", bootDiskGb: 200,
 *   subnetwork: names.subnetworkLink(), serviceAccountEmail: names.accountEmail("llm-vm"),
 *   unit, provisioning: "standard", group: "ai-1", environment: "production",
 * });
 * new ComputeInstanceGroup(this, "ai-1", { name: "ai-1", zone: "asia-northeast3-a", instances: [vm.selfLink] });
 */
export class GpuVm extends Construct {
  readonly instance: ComputeInstance;

  constructor(scope: Construct, id: string, props: GpuVmProps) {
    super(scope, id);
    this.instance = new ComputeInstance(this, "vm", {
      ...gpuMachineConfig(props),
      name: props.name,
      zone: props.zone,
      allowStoppingForUpdate: true,
      bootDisk: {
        autoDelete: true,
        initializeParams: {
          image: COS_IMAGE,
          labels: gpuLabels(props),
          size: props.bootDiskGb,
          type: DISK_TYPE,
        },
      },
    });
  }

  /** Link by which an instance group or a network endpoint takes the VM. */
  get selfLink(): string {
    return this.instance.selfLink;
  }
}
