import { type ClusterScale, scalingInput } from "./cluster-scale";
import type { BillOfMaterials, CountRange } from "./cost";
import { NODE_DISK_GB, SMALL_BOOT_DISK_GB } from "./disks";
import { type GpuMachine, type MachineGroup, machineOf, machinesOf } from "./machine-groups";
import { platformDisks } from "./platform-disks";
import { GPU_NODE_MACHINE, scalingChain } from "./scaling";
import { valkeyNode, valkeyNodeCount } from "./valkey-nodes";
import type { VectorStoreReplicas } from "./vector-store-cluster";

/** Stack kinds that cost by the hour; names, rules and accounts are free. */
export type BilledStack = "foundation" | "data" | "vm-serving" | "gke-cluster" | "gke-platform" | "edge";

/** GB of weights, adapters and backups that a fresh environment keeps; what users add is theirs to judge. */
const STORED_GB = 50;
/** Rules of the Cloud Armor policy beside the default one: denied paths, two in preview, the rate limit. */
const ARMOR_RULES = 4;
/** The environment's own, and those that lead googleapis.com, pkg.dev and gcr.io to Google's private range. */
const PRIVATE_ZONES = 4;

interface DataMachine {
  readonly machineType: string;
  readonly diskGb: number;
}

/** What a bill follows from. Settings have this shape. */
export interface BilledEnvironment {
  readonly profile: "demo" | "production";
  readonly region: string;
  readonly machine: GpuMachine;
  readonly groups: readonly MachineGroup[];
  /** `null`: no public zone, and plain HTTP. */
  readonly domain: object | null;
  readonly data:
    | { readonly kind: "none" }
    | {
        readonly kind: "managed";
        readonly vectorStore: DataMachine;
        readonly postgres: NonNullable<BillOfMaterials["cloudSql"]>;
        readonly redis: { readonly memoryGb: number; readonly highAvailability: boolean };
      };
  readonly monitoring: DataMachine | null;
  readonly kubernetes: (ClusterScale & { readonly vectorStoreReplicas: VectorStoreReplicas }) | null;
}

export function billOf(environment: BilledEnvironment): Readonly<Record<BilledStack, BillOfMaterials>> {
  const { region } = environment;
  return {
    foundation: {
      region,
      natGateways: 1,
      natVms: machineCount(environment),
      externalAddresses: 1,
      storageGb: STORED_GB,
      securityPolicies: 1,
      securityPolicyRules: ARMOR_RULES,
      dnsZones: environment.domain === null ? PRIVATE_ZONES : PRIVATE_ZONES + 1,
    },
    data: { region, ...dataBill(environment) },
    "vm-serving": servingBill(environment),
    "gke-cluster": { region, ...clusterBill(environment) },
    "gke-platform": { region, ...platformBill(environment) },
    edge: { region, forwardingRules: forwardingRuleCount(environment) },
  };
}

/**
 * IPv4 and IPv6, each on :80 and, with a domain, on :443; and the GKE Ingress' own two, because Google prices a
 * project's rules together. An address in use by a rule costs nothing by itself.
 */
function forwardingRuleCount({ domain, kubernetes }: BilledEnvironment): number {
  return (domain === null ? 2 : 4) + (kubernetes === null ? 0 : 2);
}

/** GPU nodes count as on demand: a Spot node may be replaced by one of the on-demand pool. */
function clusterBill(environment: BilledEnvironment): Omit<BillOfMaterials, "region"> {
  const { kubernetes } = environment;
  if (kubernetes === null) return {};
  const { gpuNodes, cpuNodes } = scalingChain(scalingInput(environment, kubernetes)).figures;
  return {
    gkeClusters: 1,
    gpuVms: [
      { machineType: GPU_NODE_MACHINE, provisioning: "standard", count: gpuNodes, bootDiskGb: NODE_DISK_GB.gpu },
    ],
    vms: [{ machineType: kubernetes.cpuPool.machineType, count: cpuNodes, diskGb: NODE_DISK_GB.cpu }],
  };
}

function platformBill(environment: BilledEnvironment): Omit<BillOfMaterials, "region"> {
  const { kubernetes } = environment;
  return kubernetes === null ? {} : { diskGib: platformDisks(environment, kubernetes.vectorStoreReplicas).totalGib };
}

function servingBill({ region, machine, groups, monitoring }: BilledEnvironment): BillOfMaterials {
  return {
    region,
    gpuVms: groups.flatMap((group) => {
      const { instances } = group;
      const { type, bootDiskGb } = machineOf(machine, group);
      const shape = { machineType: type, bootDiskGb };
      if (instances.kind === "managed") {
        const count = { min: instances.minInstances, max: instances.maxInstances };
        return [{ ...shape, provisioning: instances.provisioning, count }];
      }
      return instances.vms.map((vm) => ({ ...shape, provisioning: vm.provisioning, count: { min: 1, max: 1 } }));
    }),
    vms:
      monitoring === null
        ? []
        : [{ machineType: monitoring.machineType, count: 1, diskGb: SMALL_BOOT_DISK_GB + monitoring.diskGb }],
  };
}

function dataBill({ data }: BilledEnvironment): Omit<BillOfMaterials, "region"> {
  if (data.kind === "none") return {};
  const { vectorStore, postgres, redis } = data;
  return {
    vms: [{ machineType: vectorStore.machineType, count: 1, diskGb: SMALL_BOOT_DISK_GB + vectorStore.diskGb }],
    cloudSql: postgres,
    valkey: {
      node: valkeyNode(redis.memoryGb, { production: redis.highAvailability }).type,
      nodes: valkeyNodeCount(redis),
    },
  };
}

function machineCount({ groups, data, monitoring }: BilledEnvironment): CountRange {
  const others = (data.kind === "managed" ? 1 : 0) + (monitoring === null ? 0 : 1);
  const bounds = groups.map((group) => machinesOf(group));
  return {
    min: others + bounds.reduce((sum, bound) => sum + bound.min, 0),
    max: others + bounds.reduce((sum, bound) => sum + bound.max, 0),
  };
}
