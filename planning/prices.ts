/**
 * List prices in US dollars, by region. What Google bills for a month follows in `cost.ts`. Traffic, requests and
 * sustained-use or committed-use discounts are in no price here.
 */
import { isMachineType, MACHINE_TYPES } from "./gpus";

/** Day of the catalogue from which the GPU machine prices come. */
export const CATALOGUE_DATE = "2025-03-06";

/** One list price. */
export interface Price {
  /** US dollars for one unit. */
  readonly usd: number;
  /** Where it was read, or how it was derived. */
  readonly source: string;
  /** False: known, but read in no source that we could open. */
  readonly confirmed: boolean;
}

/** Machine price parts: Google prices a machine as vCPUs + GiB + GPUs, each by the hour. */
export interface RegionPrices {
  /** G2 machines by the hour: `perVcpu` includes the 4 GiB that come with each vCPU. */
  readonly g2: Readonly<Record<Provisioning, { readonly perVcpu: Price; readonly perL4: Price }>>;
  readonly e2VcpuHour: Price;
  readonly e2GibHour: Price;
  readonly n2VcpuHour: Price;
  readonly n2GibHour: Price;
  readonly balancedDiskGibMonth: Price;
  readonly cloudSqlVcpuHour: Price;
  readonly cloudSqlGibHour: Price;
  readonly cloudSqlStorageGibMonth: Price;
  readonly redisBasicGibHour: Price;
  readonly redisStandardGibHour: Price;
  readonly storageGibMonth: Price;
}

/** How a VM is bought. */
export type Provisioning = "standard" | "spot";

const CATALOGUE = `catalogue of ${CATALOGUE_DATE}`;
const g2 = (usd: number): Price => ({
  usd,
  source: `${CATALOGUE}: from two machine types of one GPU`,
  confirmed: true,
});
const listed = (usd: number, source: string): Price => ({ usd, source, confirmed: false });

const VM = "https://cloud.google.com/compute/vm-instance-pricing";
const DISK = "https://cloud.google.com/compute/disks-image-pricing";
const SQL = "https://cloud.google.com/sql/pricing";
const REDIS = "https://cloud.google.com/memorystore/docs/redis/pricing";
const STORAGE = "https://cloud.google.com/storage/pricing";

const REGIONS: Readonly<Record<string, RegionPrices>> = {
  "us-central1": {
    g2: {
      standard: { perVcpu: g2(0.0367), perL4: g2(0.56) },
      spot: { perVcpu: g2(0.014225), perL4: g2(0.223) },
    },
    e2VcpuHour: listed(0.02181159, VM),
    e2GibHour: listed(0.00292353, VM),
    n2VcpuHour: listed(0.031611, VM),
    n2GibHour: listed(0.004237, VM),
    balancedDiskGibMonth: listed(0.1, DISK),
    cloudSqlVcpuHour: listed(0.0413, SQL),
    cloudSqlGibHour: listed(0.007, SQL),
    cloudSqlStorageGibMonth: listed(0.17, SQL),
    redisBasicGibHour: listed(0.049, REDIS),
    redisStandardGibHour: listed(0.064, REDIS),
    storageGibMonth: listed(0.02, STORAGE),
  },
  "asia-northeast3": {
    g2: {
      standard: { perVcpu: g2(0.047125), perL4: g2(0.7192) },
      spot: { perVcpu: g2(0.009475), perL4: g2(0.1613) },
    },
    e2VcpuHour: listed(0.02798, VM),
    e2GibHour: listed(0.00375, VM),
    n2VcpuHour: listed(0.0405, VM),
    n2GibHour: listed(0.00543, VM),
    balancedDiskGibMonth: listed(0.13, DISK),
    cloudSqlVcpuHour: listed(0.0537, SQL),
    cloudSqlGibHour: listed(0.0091, SQL),
    cloudSqlStorageGibMonth: listed(0.221, SQL),
    redisBasicGibHour: listed(0.064, REDIS),
    redisStandardGibHour: listed(0.083, REDIS),
    storageGibMonth: listed(0.023, STORAGE),
  },
};

/** Prices that are the same in every region. */
export const GLOBAL_PRICES = {
  /** The first five forwarding rules together, an hour; each further one costs `forwardingRuleHour`. */
  forwardingRulesFirstFiveHour: { usd: 0.025, source: CATALOGUE, confirmed: true },
  forwardingRuleHour: { usd: 0.01, source: CATALOGUE, confirmed: true },
  /** Each VM that leaves through Cloud NAT, an hour. Traffic is billed on top. */
  natVmHour: { usd: 0.0014, source: CATALOGUE, confirmed: true },
  externalAddressHour: { usd: 0.005, source: CATALOGUE, confirmed: true },
  gkeClusterHour: { usd: 0.1, source: CATALOGUE, confirmed: true },
} as const;

/** True when the catalogue knows this region. */
export function hasPrices(region: string): boolean {
  return Object.hasOwn(REGIONS, region);
}

/**
 * Prices of a region.
 * @throws RangeError naming the regions that the catalogue knows.
 */
export function pricesOf(region: string): RegionPrices {
  const prices = REGIONS[region];
  if (prices === undefined) {
    throw new RangeError(`No prices for region "${region}"; the catalogue has ${Object.keys(REGIONS).join(", ")}`);
  }
  return prices;
}

/** `e2-standard-4` → family `e2`, 4 vCPUs; GiB for each vCPU by the middle part. */
const CPU_MACHINE = /^(e2|n2)-(standard|highmem|highcpu)-(\d+)$/;

/** Source: https://cloud.google.com/compute/docs/general-purpose-machines. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { standard: 4, highmem: 8, highcpu: 1 };

/** Shared-core E2 types are billed as a part of one or two vCPUs. Same source. */
const SHARED_CORE: Readonly<Record<string, { readonly vcpus: number; readonly memoryGib: number }>> = {
  "e2-micro": { vcpus: 0.25, memoryGib: 1 },
  "e2-small": { vcpus: 0.5, memoryGib: 2 },
  "e2-medium": { vcpus: 1, memoryGib: 4 },
};

/**
 * US dollars an hour of one G2 VM without its disks.
 * @throws RangeError for a region or machine type that the catalogue cannot price.
 */
export function gpuMachineHourUsd(region: string, machineType: string, provisioning: Provisioning): number {
  const parts = pricesOf(region).g2[provisioning];
  if (!isMachineType(machineType)) throw new RangeError(`No price for GPU machine type "${machineType}"`);
  const { vcpus, l4Count } = MACHINE_TYPES[machineType];
  return vcpus * parts.perVcpu.usd + l4Count * parts.perL4.usd;
}

/**
 * US dollars an hour of one E2 or N2 VM, on demand, without its disks.
 * @throws RangeError for a region or machine type that the catalogue cannot price.
 */
export function machineHourUsd(region: string, machineType: string): number {
  const prices = pricesOf(region);
  const shared = SHARED_CORE[machineType];
  if (shared !== undefined) return shared.vcpus * prices.e2VcpuHour.usd + shared.memoryGib * prices.e2GibHour.usd;
  const [, family, kind = "", count = ""] = CPU_MACHINE.exec(machineType) ?? [];
  const gibPerVcpu = GIB_PER_VCPU[kind];
  if (gibPerVcpu === undefined) throw new RangeError(`No price for machine type "${machineType}"`);
  const [vcpu, gib] = family === "e2" ? [prices.e2VcpuHour, prices.e2GibHour] : [prices.n2VcpuHour, prices.n2GibHour];
  return Number(count) * (vcpu.usd + gibPerVcpu * gib.usd);
}
