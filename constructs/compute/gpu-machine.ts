/** What a GPU VM and an instance template of such VMs share: scheduling, network and boot content of a serving unit. */
import { MACHINE_TYPES, type MachineType } from "../../planning/gpus";
import type { Provisioning } from "../../planning/provisioning";
import type { ServingUnit } from "../../planning/serving-unit";
import { type Collector, servingUserData } from "./boot/serving-user-data";
import { cosMetadata, SERVICE_ACCOUNT_SCOPES, SHIELDED_INSTANCE_CONFIG } from "./cos-machine";

/**
 * Source: CUDA 13 release notes (driver 580 or later); COS 129 has signed builds of it.
 * https://docs.nvidia.com/cuda/cuda-toolkit-release-notes.
 */
const DEFAULT_DRIVER_VERSION = "R580";

/** What decides a GPU machine, whether it is named or made from a template. */
export interface GpuMachineProps {
  /** G2 type; it brings its L4s along, so no accelerator is declared. */
  readonly machineType: MachineType;
  /** Size of the pd-balanced boot disk, GB; images and model weights lie on it too. */
  readonly bootDiskGb: number;
  /** Link of the subnetwork. It needs Private Google Access or NAT: the machine has no external address. */
  readonly subnetwork: string;
  /** The VM's identity. Needs to read the models bucket and Artifact Registry, and to write logs. */
  readonly serviceAccountEmail: string;
  /** What the machine runs. */
  readonly unit: ServingUnit;
  readonly provisioning: Provisioning;
  /**
   * What tells Cloud Monitoring of the machine; autoscalers of managed groups need it.
   * @default nothing does
   */
  readonly collector?: Collector;
  /** Instance group that the machine stands in, e.g. `ai-1`: the value of the label `group`. */
  readonly group: string;
  /** Environment name: the value of the label `environment`. */
  readonly environment: string;
  /**
   * Labels beside `role`, `group` and `environment`.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Network tags.
   * @default none: firewall rules go by service account
   */
  readonly networkTags?: readonly string[];
  /**
   * NVIDIA driver as `cos-extensions` names it: `default`, `latest`, a branch (`R580`) or a version.
   * @default the newest of branch 580 that is signed for the image: the first with CUDA 13, which engine images need
   */
  readonly driverVersion?: string;
}

/** Labels of a GPU machine and of its disk. Prometheus discovers machines by `role` and `environment`. */
export function gpuLabels(props: GpuMachineProps): Record<string, string> {
  return { ...props.labels, environment: props.environment, group: props.group, role: "llm" };
}

/**
 * G2 cannot migrate live, so host maintenance stops the machine. Standard capacity starts again by itself; Spot may not
 * ask for that, and is stopped, not deleted, so that the disk with its weights survives.
 */
function scheduling(provisioning: Provisioning) {
  const spot = provisioning === "spot";
  return {
    automaticRestart: !spot,
    onHostMaintenance: "TERMINATE",
    preemptible: spot,
    provisioningModel: spot ? "SPOT" : "STANDARD",
    ...(spot ? { instanceTerminationAction: "STOP" } : {}),
  };
}

/** Arguments that instance and template have in common. */
export function gpuMachineConfig(props: GpuMachineProps) {
  const { machineType, unit, networkTags } = props;
  const userData = servingUserData({
    unit,
    ...(props.collector === undefined ? {} : { collector: props.collector }),
    gpuCount: MACHINE_TYPES[machineType].l4Count,
    driverVersion: props.driverVersion ?? DEFAULT_DRIVER_VERSION,
  });
  return {
    machineType,
    labels: gpuLabels(props),
    metadata: cosMetadata(userData),
    networkInterface: [{ subnetwork: props.subnetwork, nicType: "GVNIC" }],
    scheduling: scheduling(props.provisioning),
    serviceAccount: { email: props.serviceAccountEmail, scopes: SERVICE_ACCOUNT_SCOPES },
    shieldedInstanceConfig: SHIELDED_INSTANCE_CONFIG,
    ...(networkTags === undefined ? {} : { tags: [...networkTags] }),
  };
}
