/** A month at list price. Left out, because use decides it: traffic, requests, logs, backups and snapshots, taxes. */
import { cloudSqlPrice, GLOBAL_PRICES, gpuMachinePrice, machinePrice, type Price, pricesOf } from "./prices";
import type { Provisioning } from "./provisioning";
import type { ValkeyNodeType } from "./valkey-nodes";

/** Hours that Google bills as a month. Source: https://cloud.google.com/compute/vm-instance-pricing. */
export const HOURS_PER_MONTH = 730;

export interface CountRange {
  readonly min: number;
  readonly max: number;
}

export type Quantity = number | CountRange;

/** Resources of one region. What is not given is not there. */
export interface BillOfMaterials {
  readonly region: string;
  readonly gpuVms?: readonly {
    readonly machineType: string;
    readonly count: Quantity;
    readonly provisioning: Provisioning;
    /** GiB. */
    readonly bootDiskGb: number;
  }[];
  readonly vms?: readonly {
    readonly machineType: string;
    readonly count: Quantity;
    /** GiB, boot and data together. */
    readonly diskGb: number;
  }[];
  /** Disks that pods claim, GiB. */
  readonly diskGib?: Quantity;
  readonly forwardingRules?: Quantity;
  /** Free themselves; listed because VMs behind them cost. */
  readonly natGateways?: Quantity;
  readonly natVms?: Quantity;
  /** External addresses in use by something else than a forwarding rule. */
  readonly externalAddresses?: Quantity;
  readonly cloudSql?: {
    /** `db-custom-<vCPUs>-<MiB>`. */
    readonly tier: string;
    readonly highAvailability: boolean;
    readonly storageGb: number;
  };
  readonly valkey?: { readonly node: ValkeyNodeType; readonly nodes: Quantity };
  /** Objects in standard buckets, GiB. */
  readonly storageGb?: Quantity;
  readonly gkeClusters?: Quantity;
  readonly securityPolicies?: Quantity;
  readonly securityPolicyRules?: Quantity;
  readonly dnsZones?: Quantity;
}

export interface CostLine {
  readonly item: string;
  readonly quantity: CountRange;
  /** US dollars a month. */
  readonly unitUsd: number;
  readonly minUsd: number;
  readonly maxUsd: number;
  /** False when a price of this line was read in no source. */
  readonly confirmed: boolean;
}

/** In US dollars. */
export interface MonthlyCost {
  readonly minUsd: number;
  readonly maxUsd: number;
  readonly lines: readonly CostLine[];
}

const FREE: Price = { usd: 0, source: "https://cloud.google.com/nat/pricing: VMs and traffic cost", confirmed: true };

function scale(quantity: Quantity, by: (count: number) => number): CountRange {
  return typeof quantity === "number"
    ? { min: by(quantity), max: by(quantity) }
    : { min: by(quantity.min), max: by(quantity.max) };
}

function line(item: string, count: Quantity, price: Price, units: "hourly" | "monthly"): CostLine {
  const quantity = scale(count, (n) => n);
  if (!(quantity.min >= 0 && quantity.min <= quantity.max && Number.isFinite(quantity.max))) {
    throw new RangeError(`${item}: ${quantity.min} to ${quantity.max} is no range of counts`);
  }
  const unitUsd = price.usd * (units === "hourly" ? HOURS_PER_MONTH : 1);
  return {
    item,
    quantity,
    unitUsd,
    minUsd: quantity.min * unitUsd,
    maxUsd: quantity.max * unitUsd,
    confirmed: price.confirmed,
  };
}

function machineLines({ region, gpuVms = [], vms = [], diskGib = 0 }: BillOfMaterials): readonly CostLine[] {
  const { balancedDisk } = pricesOf(region);
  return [
    ...gpuVms.flatMap(({ machineType, provisioning, count, bootDiskGb }) => [
      line(`${machineType} ${provisioning}`, count, gpuMachinePrice(region, machineType, provisioning), "hourly"),
      line(
        "balanced disk, GiB",
        scale(count, (n) => n * bootDiskGb),
        balancedDisk,
        "monthly",
      ),
    ]),
    line("balanced disk, GiB", diskGib, balancedDisk, "monthly"),
    ...vms.flatMap(({ machineType, count, diskGb }) => [
      line(machineType, count, machinePrice(region, machineType), "hourly"),
      line(
        "balanced disk, GiB",
        scale(count, (n) => n * diskGb),
        balancedDisk,
        "monthly",
      ),
    ]),
  ];
}

function networkLines(bill: BillOfMaterials): readonly CostLine[] {
  const { forwardingRules = 0, natGateways = 0, natVms = 0, externalAddresses = 0 } = bill;
  const { securityPolicies = 0, securityPolicyRules = 0, dnsZones = 0 } = bill;
  const p = GLOBAL_PRICES;
  const anyRule = scale(forwardingRules, (n) => Math.min(1, n));
  const beyondFive = scale(forwardingRules, (n) => Math.max(0, n - 5));
  return [
    line("first five forwarding rules", anyRule, p.firstFiveForwardingRules, "hourly"),
    line("further forwarding rules", beyondFive, p.furtherForwardingRule, "hourly"),
    line("NAT gateways", natGateways, FREE, "hourly"),
    line("VMs behind NAT", natVms, p.natVm, "hourly"),
    line("external addresses", externalAddresses, p.externalAddress, "hourly"),
    line("Cloud Armor policies", securityPolicies, p.securityPolicy, "monthly"),
    line("Cloud Armor rules", securityPolicyRules, p.securityPolicyRule, "monthly"),
    line("DNS zones", dnsZones, p.dnsZone, "monthly"),
  ];
}

function dataLines({ region, cloudSql, valkey, storageGb = 0, gkeClusters = 0 }: BillOfMaterials): readonly CostLine[] {
  const prices = pricesOf(region);
  const lines = [
    line("bucket storage, GiB", storageGb, prices.bucketStorage, "monthly"),
    line("GKE clusters", gkeClusters, GLOBAL_PRICES.gkeCluster, "hourly"),
  ];
  if (cloudSql !== undefined) {
    // A highly available instance is two: the standby has the same machine and the same disk.
    const instances = cloudSql.highAvailability ? 2 : 1;
    lines.push(
      line(`Cloud SQL ${cloudSql.tier}`, instances, cloudSqlPrice(region, cloudSql.tier), "hourly"),
      line("Cloud SQL storage, GiB", instances * cloudSql.storageGb, prices.cloudSqlStorage, "monthly"),
    );
  }
  if (valkey !== undefined) {
    lines.push(line(`Memorystore ${valkey.node}`, valkey.nodes, prices.valkeyNode[valkey.node], "hourly"));
  }
  return lines;
}

/** @throws RangeError when a price on the bill is missing (see `hasPrices`), or a range is upside down. */
export function monthlyCost(bill: BillOfMaterials): MonthlyCost {
  const lines = [...machineLines(bill), ...networkLines(bill), ...dataLines(bill)].filter(
    ({ quantity }) => quantity.max > 0,
  );
  return {
    minUsd: lines.reduce((sum, { minUsd }) => sum + minUsd, 0),
    maxUsd: lines.reduce((sum, { maxUsd }) => sum + maxUsd, 0),
    lines,
  };
}
