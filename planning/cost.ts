/**
 * What a set of resources costs a month at list price, at the least and at the most. The catalogue is in `prices.ts`.
 * Left out, because use decides it and not the plan: traffic, requests, logs, snapshots' growth, taxes.
 */
import { GLOBAL_PRICES, gpuMachineHourUsd, machineHourUsd, type Provisioning, pricesOf } from "./prices";

/** Hours that Google bills as a month. Source: https://cloud.google.com/compute/vm-instance-pricing. */
export const HOURS_PER_MONTH = 730;

/** A number of things: fixed, or between a least and a most. */
export type Quantity = number | { readonly min: number; readonly max: number };

/** What stands in one region. Absent means none. */
export interface BillOfMaterials {
  readonly region: string;
  readonly gpuVms?: readonly {
    readonly machineType: string;
    readonly count: Quantity;
    readonly provisioning: Provisioning;
    readonly bootDiskGb: number;
  }[];
  /** E2 and N2 machines, on demand. */
  readonly vms?: readonly { readonly machineType: string; readonly count: Quantity; readonly diskGb: number }[];
  readonly forwardingRules?: Quantity;
  /** Cloud NAT gateways: free themselves, listed so that nothing is missing from the bill. */
  readonly natGateways?: Quantity;
  /** VMs that leave through Cloud NAT. */
  readonly natVms?: Quantity;
  readonly externalAddresses?: Quantity;
  readonly cloudSql?: { readonly tier: string; readonly highAvailability: boolean; readonly storageGb: number };
  readonly redis?: { readonly tier: "BASIC" | "STANDARD_HA"; readonly memoryGb: number };
  /** Objects in standard buckets, GiB. */
  readonly storageGb?: Quantity;
  readonly gkeClusters?: Quantity;
}

/** One line of the bill. */
export interface CostLine {
  readonly item: string;
  readonly quantity: { readonly min: number; readonly max: number };
  /** US dollars a month for one. */
  readonly unitUsd: number;
  readonly minUsd: number;
  readonly maxUsd: number;
}

/** A month, in US dollars. */
export interface MonthlyCost {
  readonly minUsd: number;
  readonly maxUsd: number;
  readonly lines: readonly CostLine[];
}

function line(item: string, count: Quantity, unitUsd: number): CostLine {
  const quantity = typeof count === "number" ? { min: count, max: count } : count;
  if (!(quantity.min >= 0 && quantity.min <= quantity.max)) {
    throw new RangeError(`${item}: from ${quantity.min} to ${quantity.max} is no range of counts`);
  }
  return { item, quantity, unitUsd, minUsd: quantity.min * unitUsd, maxUsd: quantity.max * unitUsd };
}

function times(count: Quantity, factor: number): Quantity {
  return typeof count === "number" ? count * factor : { min: count.min * factor, max: count.max * factor };
}

function machineLines(bill: BillOfMaterials): readonly CostLine[] {
  const disk = pricesOf(bill.region).balancedDiskGibMonth.usd;
  const gpu = (bill.gpuVms ?? []).flatMap((vm) => [
    line(
      `${vm.machineType} (${vm.provisioning})`,
      vm.count,
      gpuMachineHourUsd(bill.region, vm.machineType, vm.provisioning) * HOURS_PER_MONTH,
    ),
    line("balanced disk, GiB", times(vm.count, vm.bootDiskGb), disk),
  ]);
  const cpu = (bill.vms ?? []).flatMap((vm) => [
    line(vm.machineType, vm.count, machineHourUsd(bill.region, vm.machineType) * HOURS_PER_MONTH),
    line("balanced disk, GiB", times(vm.count, vm.diskGb), disk),
  ]);
  return [...gpu, ...cpu];
}

function forwardingRulesUsd(count: number): number {
  const { forwardingRulesFirstFiveHour: firstFive, forwardingRuleHour: further } = GLOBAL_PRICES;
  if (count === 0) return 0;
  return (firstFive.usd + Math.max(0, count - 5) * further.usd) * HOURS_PER_MONTH;
}

function networkLines(bill: BillOfMaterials): readonly CostLine[] {
  const { forwardingRules = 0, natGateways = 0, natVms = 0, externalAddresses = 0 } = bill;
  const rules = line("forwarding rules", forwardingRules, 0);
  return [
    {
      ...rules,
      minUsd: forwardingRulesUsd(rules.quantity.min),
      maxUsd: forwardingRulesUsd(rules.quantity.max),
    },
    line("NAT gateways", natGateways, 0),
    line("VMs behind NAT", natVms, GLOBAL_PRICES.natVmHour.usd * HOURS_PER_MONTH),
    line("external addresses", externalAddresses, GLOBAL_PRICES.externalAddressHour.usd * HOURS_PER_MONTH),
  ];
}

const SQL_TIER = /^db-custom-(\d+)-(\d+)$/;

function dataLines(bill: BillOfMaterials): readonly CostLine[] {
  const prices = pricesOf(bill.region);
  const { cloudSql, redis, storageGb = 0, gkeClusters = 0 } = bill;
  const lines = [
    line("bucket storage, GiB", storageGb, prices.storageGibMonth.usd),
    line("GKE clusters", gkeClusters, GLOBAL_PRICES.gkeClusterHour.usd * HOURS_PER_MONTH),
  ];
  if (cloudSql !== undefined) {
    const [, vcpus, memoryMib] = SQL_TIER.exec(cloudSql.tier) ?? [];
    if (vcpus === undefined) throw new RangeError(`No price for Cloud SQL tier "${cloudSql.tier}"`);
    const hour = Number(vcpus) * prices.cloudSqlVcpuHour.usd + (Number(memoryMib) / 1024) * prices.cloudSqlGibHour.usd;
    const replicas = cloudSql.highAvailability ? 2 : 1;
    lines.push(line(`Cloud SQL ${cloudSql.tier}`, replicas, hour * HOURS_PER_MONTH));
    lines.push(line("Cloud SQL storage, GiB", replicas * cloudSql.storageGb, prices.cloudSqlStorageGibMonth.usd));
  }
  if (redis !== undefined) {
    const hour = redis.tier === "BASIC" ? prices.redisBasicGibHour.usd : prices.redisStandardGibHour.usd;
    lines.push(line(`Memorystore ${redis.tier}, GiB`, redis.memoryGb, hour * HOURS_PER_MONTH));
  }
  return lines;
}

/**
 * Adds the bill up.
 * @throws RangeError when the catalogue has no price for something on it; see `hasPrices`.
 */
export function monthlyCost(bill: BillOfMaterials): MonthlyCost {
  const lines = [...machineLines(bill), ...networkLines(bill), ...dataLines(bill)].filter(
    ({ quantity }) => quantity.max > 0,
  );
  const total = (pick: (l: CostLine) => number) => lines.reduce((sum, l) => sum + pick(l), 0);
  return { minUsd: total((l) => l.minUsd), maxUsd: total((l) => l.maxUsd), lines };
}
