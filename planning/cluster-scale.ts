import { e2Shape } from "./e2-shapes";
import { type ColoursInput, type EngineColours, engineColours } from "./engine-colours";
import { MACHINE_TYPES, type MachineType } from "./gpus";
import { type MachineGroup, machineOf, machinesOf } from "./machine-groups";
import { podPlacement } from "./pod-placement";
import type { Provisioning } from "./provisioning";
import type { ScalingInput } from "./scaling";

interface PodScale {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** How far the cluster may scale. {@link ScalingInput} says what each number bounds. */
export interface ClusterScale {
  readonly engines: PodScale & {
    /** Beyond the most, while a release rolls. */
    readonly surgePods: number;
  };
  readonly gateway: PodScale & {
    /** Whether each engine's pod holds a gateway, instead of gateways in pods of their own. */
    readonly besideEngine: boolean;
  };
  readonly colours: ColoursInput["shares"] & Pick<ColoursInput, "serving">;
  readonly warmSpare: boolean;
  readonly gpuPool: ScalingInput["gpuPool"];
  readonly cpuPool: { readonly machineType: string; readonly minNodes: number; readonly maxNodes: number };
  readonly autoProvisioning: { readonly maxCpu: number; readonly maxMemoryGb: number; readonly maxL4: number };
  readonly quota: ScalingInput["quota"];
}

export function clusterColours({ colours, engines }: ClusterScale): EngineColours {
  return engineColours({
    shares: colours,
    serving: colours.serving,
    replicas: { min: engines.minReplicas, max: engines.maxReplicas },
  });
}

/** The VMs of step 1, which share the region's quota with the cluster. */
interface Machines {
  readonly profile: "demo" | "production";
  readonly machine: { readonly type: MachineType };
  readonly groups: readonly MachineGroup[];
}

export function scalingInput(machines: Machines, cluster: ClusterScale): ScalingInput {
  const { engines, gateway, autoProvisioning, cpuPool } = cluster;
  return {
    // The cluster runs the models of the first group, one Deployment each.
    models: podPlacement(machines.groups[0]?.engines ?? []).length,
    engineReplicas: { min: engines.minReplicas, max: engines.maxReplicas },
    gatewayReplicas: { min: gateway.minReplicas, max: gateway.maxReplicas },
    colours: cluster.colours,
    surgePods: engines.surgePods,
    warmSpare: cluster.warmSpare,
    gpuPool: cluster.gpuPool,
    cpuPool: { ...cpuPool, ...e2Shape(cpuPool.machineType) },
    limits: { cpu: autoProvisioning.maxCpu, memoryGb: autoProvisioning.maxMemoryGb, l4: autoProvisioning.maxL4 },
    quota: cluster.quota,
    heldByVms: { l4: l4sOfVms(machines, "standard"), preemptibleL4: l4sOfVms(machines, "spot") },
    available: machines.profile === "production",
  };
}

function l4sOfVms({ machine, groups }: Machines, provisioning: Provisioning): number {
  return groups.reduce((sum, group) => {
    const { l4Count } = MACHINE_TYPES[machineOf(machine, group).type];
    return sum + machinesOf(group, provisioning).max * l4Count;
  }, 0);
}
