import { ComputeInstanceTemplate } from "@cdktf/provider-google/lib/compute-instance-template";
import { Construct } from "constructs";
import { DISK_TYPE } from "../../planning/disks";
import { COS_IMAGE } from "./cos-machine";
import { type GpuMachineProps, gpuLabels, gpuMachineConfig } from "./gpu-machine";

/** A generated name adds 26 characters. Source: `google_compute_instance_template`, `name_prefix`. */
const MAX_NAME_PREFIX_LENGTH = 37;

export interface GpuInstanceTemplateProps extends GpuMachineProps {
  /** At most 37 characters. */
  readonly namePrefix: string;
}

/**
 * The same machine as {@link GpuVm}, for a managed instance group. A change makes a new template beside the old one,
 * because Google refuses to delete one in use.
 * @example
 * const template = new GpuInstanceTemplate(this, "ai-1-template", { namePrefix: "ai-1-", ...machine });
 * new ComputeInstanceGroupManager(this, "ai-1", {
 *   name: "ai-1", baseInstanceName: "ai-1", zone, version: [{ instanceTemplate: template.selfLink }],
 * });
 */
export class GpuInstanceTemplate extends Construct {
  readonly template: ComputeInstanceTemplate;

  /** @throws RangeError where the prefix leaves no room for the generated part. */
  constructor(scope: Construct, id: string, props: GpuInstanceTemplateProps) {
    super(scope, id);
    const { namePrefix } = props;
    if (namePrefix.length > MAX_NAME_PREFIX_LENGTH) {
      throw new RangeError(`namePrefix "${namePrefix}" is longer than ${MAX_NAME_PREFIX_LENGTH} characters`);
    }
    this.template = new ComputeInstanceTemplate(this, "template", {
      ...gpuMachineConfig(props),
      namePrefix,
      disk: [
        {
          autoDelete: true,
          boot: true,
          diskSizeGb: props.bootDiskGb,
          diskType: DISK_TYPE,
          labels: gpuLabels(props),
          sourceImage: COS_IMAGE,
        },
      ],
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** Names this very template, so that a group rolls out its successor. */
  get selfLink(): string {
    return this.template.selfLinkUnique;
  }
}
