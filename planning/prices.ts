/** List prices in US dollars, by region. Traffic, requests and discounts for commitment are in none. */
import { isMachineType, MACHINE_TYPES } from "./gpus";
import type { Provisioning } from "./provisioning";
import type { ValkeyNodeType } from "./valkey-nodes";

/** Of GPU machine, disk and network prices. */
export const CATALOGUE_DATE = "2025-03-06";

export interface Price {
  /** For one unit. */
  readonly usd: number;
  /** Where it was read, or how it was derived. */
  readonly source: string;
  /** False: read in no source that we could open. Check before relying on it. */
  readonly confirmed: boolean;
}

/** An hour; disks and storage a GiB and month. E2 and N2 are on demand, with 4 GiB a vCPU as in G2. */
export interface RegionPrices {
  readonly g2Vcpu: Readonly<Record<Provisioning, Price>>;
  readonly g2L4: Readonly<Record<Provisioning, Price>>;
  readonly e2Vcpu: Price;
  /** A GiB beyond those 4, as highmem types have. */
  readonly e2ExtraMemory: Price;
  readonly n2Vcpu: Price;
  readonly balancedDisk: Price;
  /** Enterprise edition. */
  readonly cloudSqlVcpu: Price;
  /** A GiB. */
  readonly cloudSqlMemory: Price;
  readonly cloudSqlSharedCore: Readonly<Record<"db-f1-micro" | "db-g1-small", Price>>;
  /** SSD. */
  readonly cloudSqlStorage: Price;
  readonly valkeyNode: Readonly<Record<ValkeyNodeType, Price>>;
  readonly bucketStorage: Price;
}

const CATALOGUE =
  "https://github.com/Cyclenerd/google-cloud-pricing-cost-calculator/blob/0166a59ebba7c36f2cc8c931d9f258dcebc44776/pricing.yml";
const LATER_CATALOGUE =
  "https://github.com/skypilot-org/skypilot-catalog/blob/006059e0f18acb1341e22a27751e9f80df6ba92f/catalogs/v8/gcp/vms.csv";
const SQL_2026 = "https://www.usage.ai/blogs/gcp/cloud-sql/pricing/ (May 2026)";

const read = (usd: number): Price => ({ usd, source: CATALOGUE, confirmed: true });
/** From g2-standard-4, -8 and -12, which share one L4 and differ by 4 vCPUs and 16 GiB. */
const g2 = (usd: number): Price => ({ usd, source: `${CATALOGUE}: from the one-GPU machine types`, confirmed: true });
/** E2-standard-8 is eight such units. */
const e2 = (standard8Usd: number): Price => ({
  usd: standard8Usd / 8,
  source: `${LATER_CATALOGUE}: e2-standard-8 / 8`,
  confirmed: true,
});
const unconfirmed = (usd: number, source: string): Price => ({ usd, source, confirmed: false });

const VM_PAGE = "https://cloud.google.com/compute/vm-instance-pricing";
const SQL_PAGE = "https://cloud.google.com/sql/pricing";
const VALKEY_PAGE = "https://cloud.google.com/memorystore/docs/valkey/pricing";
const STORAGE_PAGE = "https://cloud.google.com/storage/pricing";
const ARMOR_PAGE = "https://cloud.google.com/armor/pricing";
const DNS_PAGE = "https://cloud.google.com/dns/pricing";

/** Seoul's machines cost 1.28 to 1.3 times those of us-central1. */
function valkeyNodes(factor: number): RegionPrices["valkeyNode"] {
  return {
    SHARED_CORE_NANO: unconfirmed(0.031 * factor, VALKEY_PAGE),
    STANDARD_SMALL: unconfirmed(0.146 * factor, VALKEY_PAGE),
    HIGHMEM_MEDIUM: unconfirmed(0.193 * factor, VALKEY_PAGE),
    HIGHMEM_XLARGE: unconfirmed(0.85 * factor, VALKEY_PAGE),
  };
}

const REGIONS: Readonly<Record<string, RegionPrices>> = {
  "us-central1": {
    g2Vcpu: { standard: g2(0.0367), spot: g2(0.014225) },
    g2L4: { standard: g2(0.56), spot: g2(0.223) },
    e2Vcpu: e2(0.26805),
    e2ExtraMemory: unconfirmed(0.00292353, VM_PAGE),
    n2Vcpu: unconfirmed(0.048559, VM_PAGE),
    balancedDisk: read(0.1),
    cloudSqlVcpu: { usd: 0.0413, source: SQL_2026, confirmed: true },
    cloudSqlMemory: { usd: 0.007, source: SQL_2026, confirmed: true },
    cloudSqlSharedCore: { "db-f1-micro": unconfirmed(0.0105, SQL_PAGE), "db-g1-small": unconfirmed(0.035, SQL_PAGE) },
    cloudSqlStorage: unconfirmed(0.17, SQL_PAGE),
    valkeyNode: valkeyNodes(1),
    bucketStorage: unconfirmed(0.02, STORAGE_PAGE),
  },
  "asia-northeast3": {
    g2Vcpu: { standard: g2(0.047125), spot: g2(0.009475) },
    g2L4: { standard: g2(0.7192), spot: g2(0.1613) },
    e2Vcpu: e2(0.34386),
    e2ExtraMemory: unconfirmed(0.00375, VM_PAGE),
    n2Vcpu: unconfirmed(0.0623, VM_PAGE),
    balancedDisk: read(0.13),
    cloudSqlVcpu: unconfirmed(0.0537, SQL_PAGE),
    cloudSqlMemory: unconfirmed(0.0091, SQL_PAGE),
    cloudSqlSharedCore: { "db-f1-micro": unconfirmed(0.0137, SQL_PAGE), "db-g1-small": unconfirmed(0.0455, SQL_PAGE) },
    cloudSqlStorage: unconfirmed(0.221, SQL_PAGE),
    valkeyNode: valkeyNodes(1.3),
    bucketStorage: unconfirmed(0.023, STORAGE_PAGE),
  },
};

/** The same in every region; an hour unless it says a month. */
export const GLOBAL_PRICES = {
  /** All five together. */
  firstFiveForwardingRules: read(0.025),
  furtherForwardingRule: read(0.01),
  /** Traffic costs on top. */
  natVm: read(0.0014),
  /** IPv4. Forwarding rules' own are free. */
  externalAddress: read(0.005),
  /** A billing account gets 74.40 a month free for zonal and Autopilot clusters. */
  gkeCluster: read(0.1),
  /** A month; requests cost on top. */
  securityPolicy: unconfirmed(5, ARMOR_PAGE),
  /** A month. */
  securityPolicyRule: unconfirmed(1, ARMOR_PAGE),
  /** A month; queries cost on top. */
  dnsZone: unconfirmed(0.2, DNS_PAGE),
} as const;

export function hasPrices(region: string): boolean {
  return Object.hasOwn(REGIONS, region);
}

/** @throws RangeError naming the regions that the catalogue has. */
export function pricesOf(region: string): RegionPrices {
  const prices = hasPrices(region) ? REGIONS[region] : undefined;
  if (prices === undefined) {
    throw new RangeError(`No prices for region "${region}"; the catalogue has ${Object.keys(REGIONS).join(", ")}`);
  }
  return prices;
}

/** An hour, without disks. @throws RangeError for a region or machine type without a price. */
export function gpuMachinePrice(region: string, machineType: string, provisioning: Provisioning): Price {
  const { g2Vcpu, g2L4 } = pricesOf(region);
  if (!isMachineType(machineType)) throw new RangeError(`No price for GPU machine type "${machineType}"`);
  const { vcpus, l4Count } = MACHINE_TYPES[machineType];
  const [vcpu, l4] = [g2Vcpu[provisioning], g2L4[provisioning]];
  return {
    usd: vcpus * vcpu.usd + l4Count * l4.usd,
    source: vcpu.source,
    confirmed: vcpu.confirmed && l4.confirmed,
  };
}

/** Parts of an E2 vCPU. Source: https://cloud.google.com/compute/vm-instance-pricing. */
const SHARED_CORE_VCPUS: Readonly<Record<string, number>> = { "e2-micro": 0.25, "e2-small": 0.5, "e2-medium": 1 };

/** E2 or standard N2, an hour, without disks. @throws RangeError for a region or machine type without a price. */
export function machinePrice(region: string, machineType: string): Price {
  const { e2Vcpu, e2ExtraMemory, n2Vcpu } = pricesOf(region);
  const [, shape = machineType, size] = /^(e2-standard|e2-highmem|n2-standard)-(\d+)$/.exec(machineType) ?? [];
  const vcpus = size === undefined ? SHARED_CORE_VCPUS[shape] : Number(size);
  if (vcpus === undefined) {
    throw new RangeError(
      `No price for machine type "${machineType}"; the catalogue has e2-standard-N, e2-highmem-N, n2-standard-N, ${Object.keys(SHARED_CORE_VCPUS).join(", ")}`,
    );
  }
  if (shape === "n2-standard") return { ...n2Vcpu, usd: vcpus * n2Vcpu.usd };
  if (shape === "e2-highmem") return { ...e2ExtraMemory, usd: vcpus * (e2Vcpu.usd + 4 * e2ExtraMemory.usd) };
  return { ...e2Vcpu, usd: vcpus * e2Vcpu.usd };
}

const SQL_TIER = /^db-custom-(\d+)-(\d+)$/;

/** An hour, without storage and standby. @throws RangeError for a region or tier without a price. */
export function cloudSqlPrice(region: string, tier: string): Price {
  const { cloudSqlVcpu, cloudSqlMemory, cloudSqlSharedCore } = pricesOf(region);
  if (tier === "db-f1-micro" || tier === "db-g1-small") return cloudSqlSharedCore[tier];
  const [, vcpus, memoryMib] = SQL_TIER.exec(tier) ?? [];
  if (vcpus === undefined || memoryMib === undefined) {
    throw new RangeError(
      `No price for Cloud SQL tier "${tier}"; the catalogue has db-custom-<vCPUs>-<MiB>, db-f1-micro, db-g1-small`,
    );
  }
  return {
    usd: Number(vcpus) * cloudSqlVcpu.usd + (Number(memoryMib) / 1024) * cloudSqlMemory.usd,
    source: cloudSqlVcpu.source,
    confirmed: cloudSqlVcpu.confirmed && cloudSqlMemory.confirmed,
  };
}
