import { MACHINE_TYPES, type MachineType } from "../../planning/gpus";
import type { Provisioning } from "../../planning/provisioning";
import type { ServingUnit } from "../../planning/serving-unit";
import { type Collector, servingUserData } from "./boot/serving-user-data";
import { cosMetadata, SERVICE_ACCOUNT_SCOPES, SHIELDED_INSTANCE_CONFIG } from "./cos-machine";

/** CUDA 13 needs driver 580 or later; COS 129 has signed builds. https://docs.nvidia.com/cuda/cuda-toolkit-release-notes */
const DEFAULT_DRIVER_VERSION = "R580";

export interface GpuMachineProps {
  /** G2 brings its L4s along, so no accelerator is declared. */
  readonly machineType: MachineType;
  /** pd-balanced; holds images and model weights too. */
  readonly bootDiskGb: number;
  /** Needs Private Google Access or NAT: the machine has no external address. */
  readonly subnetwork: string;
  /** Reads the models bucket and Artifact Registry, and writes logs. */
  readonly serviceAccountEmail: string;
  readonly unit: ServingUnit;
  readonly provisioning: Provisioning;
  /** Managed groups' autoscalers need it. @default no metrics are pushed */
  readonly collector?: Collector;
  /** Label `group`, e.g. `ai-1`. */
  readonly group: string;
  readonly environment: string;
  /** Beside `role`, `group` and `environment`. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none: firewall rules go by service account */
  readonly networkTags?: readonly string[];
  /**
   * As `cos-extensions` names it: `default`, `latest`, a branch or a version. @default `R580`, the first with CUDA 13
   */
  readonly driverVersion?: string;
}

/** Prometheus discovers machines by `role` and `environment`. */
export function gpuLabels(props: GpuMachineProps): Record<string, string> {
  return { ...props.labels, environment: props.environment, group: props.group, role: "llm" };
}

/** G2 cannot migrate live. Spot is stopped, not deleted, so that the disk with its weights survives. */
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
