/**
 * pods at most × GPUs each (+ a warm spare) ≤ nodes of the GPU pools ≤ limits of auto-provisioning ≤ quota, less what
 * VMs hold.
 * A link shorter than the one before it leaves pods waiting for nodes that never come; here it is an error at synth.
 */
import { MACHINE_TYPES, type MachineType } from "./gpus";

/** The smallest on which an engine's 4 CPUs and 16 GiB leave room for the system. */
export const GPU_NODE_MACHINE: MachineType = "g2-standard-8";

const GPUS_PER_ENGINE_POD = 1;

/** A surge node would need a GPU beyond the quota, so upgrades replace one node at a time. */
export const GPU_POOL_SURGE_NODES = 0;

/** Pods and zones of a service that promises 99.5 %. Source: R-24. */
export const AVAILABLE_REPLICAS = 2;

/** Another spelling of it is accepted and provisions nothing. */
export const L4_RESOURCE = "nvidia-l4";

/** Counts are of the whole cluster. */
export interface ScalingInput {
  /** Each has a Deployment. */
  readonly models: number;
  readonly engineReplicas: { readonly min: number; readonly max: number };
  readonly gatewayReplicas: { readonly min: number; readonly max: number };
  /** Percent; two colours round up apart. */
  readonly colours: { readonly blue: number; readonly green: number };
  /** Of each Deployment, while a release rolls. */
  readonly surgePods: number;
  readonly warmSpare: boolean;
  readonly gpuPool: { readonly minNodes: number; readonly maxNodes: number; readonly spotMaxNodes: number };
  readonly cpuPool: {
    readonly minNodes: number;
    readonly maxNodes: number;
    readonly vcpus: number;
    readonly memoryGib: number;
  };
  readonly limits: { readonly cpu: number; readonly memoryGb: number; readonly l4: number };
  /** Of the region, which VMs share. */
  readonly quota: { readonly l4: number; readonly preemptibleL4: number };
  readonly heldByVms: { readonly l4: number; readonly preemptibleL4: number };
  /** Whether 99.5 % is promised. */
  readonly available: boolean;
  /** @default {@link GPU_POOL_SURGE_NODES} */
  readonly surgeNodes?: number | undefined;
}

/** L4s unless said otherwise. */
export interface ScalingFigures {
  /** Over both colours. */
  readonly podsPerModel: number;
  /** With the warm spare. */
  readonly demand: { readonly min: number; readonly max: number };
  readonly pools: { readonly onDemand: number; readonly spot: number; readonly total: number };
  /** Of the quota. */
  readonly free: { readonly l4: number; readonly preemptibleL4: number };
  /** At their largest. */
  readonly poolCpu: number;
  readonly poolMemoryGb: number;
  /** Pools and auto-provisioning together. */
  readonly gpuNodes: { readonly min: number; readonly max: number };
  readonly cpuNodes: { readonly min: number; readonly max: number };
}

export type ScalingField =
  | "gpuPool.minNodes"
  | "gpuPool.maxNodes"
  | "cpuPool.minNodes"
  | "autoProvisioning.maxL4"
  | "autoProvisioning.maxCpu"
  | "autoProvisioning.maxMemoryGb"
  | "quota.l4"
  | "quota.preemptibleL4"
  | "engines.minReplicas"
  | "gateway.minReplicas";

export interface ScalingProblem {
  readonly field: ScalingField;
  readonly value: number;
  readonly needed: number;
  readonly why: string;
}

export interface ScalingChain {
  readonly figures: ScalingFigures;
  readonly problems: readonly ScalingProblem[];
}

/** Reports every link that does not hold, not only the first. */
export function scalingChain(input: ScalingInput): ScalingChain {
  const figures = figuresOf(input);
  return { figures, problems: [...chainProblems(input, figures), ...availabilityProblems(input, figures)] };
}

function figuresOf(input: ScalingInput): ScalingFigures {
  const { models, engineReplicas, colours, gpuPool, cpuPool, limits, quota, heldByVms } = input;
  const podsPerModel = podsAtMost(engineReplicas.max, colours);
  const spare = input.warmSpare ? GPUS_PER_ENGINE_POD : 0;
  const demand = {
    min: models * engineReplicas.min * GPUS_PER_ENGINE_POD + spare,
    max: models * (podsPerModel + surgeOf(input)) * GPUS_PER_ENGINE_POD + spare,
  };
  const { vcpus, memoryGib, l4Count } = MACHINE_TYPES[GPU_NODE_MACHINE];
  const gpuPoolNodes = gpuPool.maxNodes + gpuPool.spotMaxNodes;
  const gpuNodesMin = Math.max(gpuPool.minNodes, Math.ceil(demand.min / l4Count));
  // Auto-provisioning may fill whatever its limits leave beside the pools.
  const gpuNodesMax = Math.max(gpuNodesMin, gpuPoolNodes, Math.floor(limits.l4 / l4Count));
  const cpuNodesMax = Math.min(
    Math.floor((limits.cpu - gpuNodesMax * vcpus) / cpuPool.vcpus),
    Math.floor((limits.memoryGb - gpuNodesMax * memoryGib) / cpuPool.memoryGib),
  );
  return {
    podsPerModel,
    demand,
    pools: {
      onDemand: gpuPool.maxNodes * l4Count,
      spot: gpuPool.spotMaxNodes * l4Count,
      total: gpuPoolNodes * l4Count,
    },
    free: { l4: quota.l4 - heldByVms.l4, preemptibleL4: quota.preemptibleL4 - heldByVms.preemptibleL4 },
    poolCpu: gpuPoolNodes * vcpus + cpuPool.maxNodes * cpuPool.vcpus,
    poolMemoryGb: gpuPoolNodes * memoryGib + cpuPool.maxNodes * cpuPool.memoryGib,
    gpuNodes: { min: gpuNodesMin, max: gpuNodesMax },
    cpuNodes: { min: cpuPool.minNodes, max: Math.max(cpuPool.minNodes, cpuPool.maxNodes, cpuNodesMax) },
  };
}

/** Each colour rounds up, so two may be one more than either alone. */
function podsAtMost(maxReplicas: number, { blue, green }: ScalingInput["colours"]): number {
  return Math.ceil((maxReplicas * blue) / 100) + Math.ceil((maxReplicas * green) / 100);
}

/** Pods of a model beyond the most: each colour that has pods rolls by itself. */
function surgeOf({ surgePods, colours: { blue, green } }: ScalingInput): number {
  return surgePods * [blue, green].filter((share) => share > 0).length;
}

function chainProblems(input: ScalingInput, { demand, pools, free, poolCpu, poolMemoryGb }: ScalingFigures) {
  const { gpuPool, limits, quota, heldByVms, surgeNodes = GPU_POOL_SURGE_NODES } = input;
  const problems: ScalingProblem[] = [];
  const atLeast = (field: ScalingField, value: number, needed: number, why: string) => {
    if (value < needed) problems.push({ field, value, needed, why });
  };
  atLeast(
    "gpuPool.maxNodes",
    gpuPool.maxNodes,
    demand.max - pools.spot,
    `engines may ask for ${demand.max} L4s (${askedFor(input)}), and the pools hold ${pools.total}`,
  );
  atLeast(
    "autoProvisioning.maxL4",
    limits.l4,
    pools.total,
    `the limit counts every node of the cluster, and the pools alone may have ${pools.total} L4s`,
  );
  atLeast(
    "autoProvisioning.maxCpu",
    limits.cpu,
    poolCpu,
    `the limit counts every node of the cluster, and the pools alone may have ${poolCpu} vCPUs`,
  );
  atLeast(
    "autoProvisioning.maxMemoryGb",
    limits.memoryGb,
    poolMemoryGb,
    `the limit counts every node of the cluster, and the pools alone may have ${poolMemoryGb} GB`,
  );
  atLeast(
    "quota.l4",
    quota.l4,
    Math.max(limits.l4, pools.onDemand) + heldByVms.l4 + surgeNodes,
    `the cluster may have ${Math.max(limits.l4, pools.onDemand)} L4s and VMs hold ${heldByVms.l4}${surgeNodes > 0 ? `, an upgrade takes ${surgeNodes} more` : ""}; ${free.l4} are left for the cluster`,
  );
  atLeast(
    "quota.preemptibleL4",
    quota.preemptibleL4,
    pools.spot === 0 ? 0 : pools.spot + heldByVms.preemptibleL4,
    `the Spot pool may have ${pools.spot} L4s and Spot VMs hold ${heldByVms.preemptibleL4}; Spot has a quota of its own`,
  );
  return problems;
}

function availabilityProblems(input: ScalingInput, { demand, pools }: ScalingFigures): readonly ScalingProblem[] {
  if (!input.available) return [];
  const { engineReplicas, gatewayReplicas, gpuPool, cpuPool } = input;
  const twice = "99.5 % is promised, and one pod that restarts or one zone that is lost would end it";
  const minimum = (field: ScalingField, value: number, needed: number, why: string): readonly ScalingProblem[] =>
    value >= needed ? [] : [{ field, value, needed, why }];
  return [
    ...minimum("engines.minReplicas", engineReplicas.min, AVAILABLE_REPLICAS, twice),
    ...minimum("gateway.minReplicas", gatewayReplicas.min, AVAILABLE_REPLICAS, twice),
    ...minimum("cpuPool.minNodes", cpuPool.minNodes, AVAILABLE_REPLICAS, `${twice}: gateways need two nodes`),
    ...(gpuPool.spotMaxNodes === 0
      ? []
      : [
          ...minimum(
            "gpuPool.minNodes",
            gpuPool.minNodes,
            1,
            "all Spot nodes may go at once, and nothing would be left that is not Spot",
          ),
          ...minimum(
            "gpuPool.maxNodes",
            gpuPool.maxNodes,
            demand.min,
            `without Spot the pool must hold the engines' least, ${demand.min} L4s; it holds ${pools.onDemand}`,
          ),
        ]),
  ];
}

function askedFor(input: ScalingInput): string {
  const { models, engineReplicas, warmSpare } = input;
  const surge = surgeOf(input);
  const most = surge === 0 ? engineReplicas.max : `(${engineReplicas.max} + ${surge})`;
  const pods = `${models} models × ${most} pods × ${GPUS_PER_ENGINE_POD}`;
  return warmSpare ? `${pods} + ${GPUS_PER_ENGINE_POD} warm spare` : pods;
}
