import type { BillOfMaterials } from "../planning/cost";
import { NODE_DISK_GB, SMALL_BOOT_DISK_GB } from "../planning/disks";
import { GPU_NODE_MACHINE, scalingChain } from "../planning/scaling";
import { valkeyNode, valkeyNodeCount } from "../planning/valkey-nodes";
import { machinesOf } from "./machines";
import { platformDisks } from "./platform-disks";
import { scalingInput } from "./scaling";
import type { Settings } from "./settings";

/** Stack kinds that cost by the hour. The others hold names, rules and accounts, which are free. */
export type BilledStack = "foundation" | "data" | "vm-serving" | "gke-cluster" | "gke-platform" | "edge";

/** GB of weights, adapters and backups that a fresh environment keeps; what users add is theirs to judge. */
const STORED_GB = 50;
/** Rules of the Cloud Armor policy beside the default one: denied paths, two in preview, the rate limit. */
const ARMOR_RULES = 4;
/** The environment's own, and those that lead googleapis.com, pkg.dev and gcr.io to Google's private range. */
const PRIVATE_ZONES = 4;

type Needed = Pick<
  Settings,
  "profile" | "region" | "machine" | "groups" | "domain" | "data" | "monitoring" | "kubernetes"
>;

/** What each stack of an environment stands for on Google's bill. */
export function billOf(settings: Needed): Readonly<Record<BilledStack, BillOfMaterials>> {
  const { region } = settings;
  return {
    foundation: {
      region,
      natGateways: 1,
      natVms: machineCount(settings),
      externalAddresses: 1,
      storageGb: STORED_GB,
      securityPolicies: 1,
      securityPolicyRules: ARMOR_RULES,
      dnsZones: settings.domain === null ? PRIVATE_ZONES : PRIVATE_ZONES + 1,
    },
    data: { region, ...dataBill(settings) },
    "vm-serving": servingBill(settings),
    "gke-cluster": { region, ...clusterBill(settings) },
    "gke-platform": {
      region,
      ...(settings.kubernetes === null ? {} : { diskGib: platformDisks(settings, settings.kubernetes).totalGib }),
    },
    edge: { region, forwardingRules: forwardingRuleCount(settings) },
  };
}

/**
 * IPv4 and IPv6, each on :80 and, with a domain, on :443; and the two that the GKE Ingress makes for itself, which
 * stand here because Google prices a project's rules together.
 * An address in use by a forwarding rule costs nothing by itself.
 */
function forwardingRuleCount({ domain, kubernetes }: Needed): number {
  return (domain === null ? 2 : 4) + (kubernetes === null ? 0 : 2);
}

/**
 * The cluster between its least and the most that node auto-provisioning may make of it. GPU nodes count as on demand:
 * what is Spot today may be the on-demand pool's tomorrow.
 */
function clusterBill(settings: Needed): Omit<BillOfMaterials, "region"> {
  const { kubernetes } = settings;
  if (kubernetes === null) return {};
  const { gpuNodes, cpuNodes } = scalingChain(scalingInput(settings, kubernetes)).figures;
  return {
    gkeClusters: 1,
    gpuVms: [
      { machineType: GPU_NODE_MACHINE, provisioning: "standard", count: gpuNodes, bootDiskGb: NODE_DISK_GB.gpu },
    ],
    vms: [{ machineType: kubernetes.cpuPool.machineType, count: cpuNodes, diskGb: NODE_DISK_GB.cpu }],
  };
}

function servingBill({ region, machine, groups, monitoring }: Needed): BillOfMaterials {
  return {
    region,
    gpuVms: groups.flatMap(({ instances }) => {
      const shape = { machineType: machine.type, bootDiskGb: machine.bootDiskGb };
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

function dataBill({ data }: Needed): Omit<BillOfMaterials, "region"> {
  if (data.kind === "none") return {};
  const { qdrant, postgres, redis } = data;
  return {
    vms: [{ machineType: qdrant.machineType, count: 1, diskGb: SMALL_BOOT_DISK_GB + qdrant.diskGb }],
    cloudSql: postgres,
    valkey: {
      node: valkeyNode(redis.memoryGb, { production: redis.highAvailability }).type,
      nodes: valkeyNodeCount(redis),
    },
  };
}

function machineCount({ groups, data, monitoring }: Needed): { min: number; max: number } {
  const others = (data.kind === "managed" ? 1 : 0) + (monitoring === null ? 0 : 1);
  const bounds = groups.map((group) => machinesOf(group));
  return {
    min: others + bounds.reduce((sum, bound) => sum + bound.min, 0),
    max: others + bounds.reduce((sum, bound) => sum + bound.max, 0),
  };
}
