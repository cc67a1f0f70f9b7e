import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import { DISK_TYPE } from "../../planning/disks";
import { BOOT_DISK_LABELS_STAY, COS_IMAGE } from "./cos-machine";
import { type GpuMachineProps, gpuLabels, gpuMachineConfig } from "./gpu-machine";

export interface GpuVmProps extends GpuMachineProps {
  readonly name: string;
  /** Must have L4 GPUs. */
  readonly zone: string;
}

/**
 * One GPU VM on Container-Optimized OS that runs a whole serving unit, for an unmanaged instance group.
 * A change of the unit changes metadata and restarts nothing: COS applies it at the next boot, so that no apply empties
 * the service. Reboot VMs one by one from within (`sudo systemctl reboot`), which waits for the grace times; a stop
 * from outside gets some 90 seconds, or 30 on Spot (https://cloud.google.com/compute/docs/shutdownscript#limitations).
 * `sudo systemctl stop terrace.target` drains a VM.
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
      lifecycle: BOOT_DISK_LABELS_STAY,
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

  get selfLink(): string {
    return this.instance.selfLink;
  }
}
