import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type BillOfMaterials, type CountRange, HOURS_PER_MONTH, monthlyCost } from "../../planning/cost";
import { MACHINE_TYPES } from "../../planning/gpus";
import { gpuMachinePrice, hasPrices, machinePrice, pricesOf } from "../../planning/prices";

const REGIONS = ["us-central1", "asia-northeast3"] as const;

const count = fc.integer({ min: 0, max: 20 });
const range: fc.Arbitrary<CountRange> = fc
  .tuple(count, count)
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const quantity = fc.oneof(count, range);
const bill: fc.Arbitrary<BillOfMaterials> = fc.record(
  {
    region: fc.constantFrom(...REGIONS),
    gpuVms: fc.array(
      fc.record({
        machineType: fc.constantFrom(...Object.keys(MACHINE_TYPES)),
        count: quantity,
        provisioning: fc.constantFrom("standard", "spot"),
        bootDiskGb: count,
      }),
      { maxLength: 3 },
    ),
    vms: fc.array(
      fc.record({ machineType: fc.constantFrom("e2-small", "e2-standard-2"), count: quantity, diskGb: count }),
      { maxLength: 3 },
    ),
    diskGib: quantity,
    forwardingRules: quantity,
    natGateways: quantity,
    natVms: quantity,
    externalAddresses: quantity,
    cloudSql: fc.record({
      tier: fc.constantFrom("db-f1-micro", "db-custom-2-7680"),
      highAvailability: fc.boolean(),
      storageGb: count,
    }),
    valkey: fc.record({ node: fc.constantFrom("SHARED_CORE_NANO", "STANDARD_SMALL"), nodes: count }),
    storageGb: quantity,
    gkeClusters: quantity,
    securityPolicies: quantity,
    securityPolicyRules: quantity,
    dnsZones: quantity,
  },
  { requiredKeys: ["region"] },
);

describe("monthlyCost", () => {
  it("is the sum of its lines, each its count times its unit price, the least below the most", () => {
    fc.assert(
      fc.property(bill, (b) => {
        const { minUsd, maxUsd, lines } = monthlyCost(b);
        expect(minUsd).toBeLessThanOrEqual(maxUsd);
        expect(minUsd).toBeGreaterThanOrEqual(0);
        for (const line of lines) {
          expect(line.minUsd).toBeCloseTo(line.quantity.min * line.unitUsd, 6);
          expect(line.maxUsd).toBeCloseTo(line.quantity.max * line.unitUsd, 6);
          expect(line.minUsd).toBeLessThanOrEqual(line.maxUsd);
        }
        expect(lines.reduce((sum, line) => sum + line.maxUsd, 0)).toBeCloseTo(maxUsd, 6);
      }),
    );
  });

  it("adds up over VMs: two bills together cost what they cost apart", () => {
    fc.assert(
      fc.property(bill, bill, (a, b) => {
        const { region } = a;
        const cost = (gpuVms: BillOfMaterials["gpuVms"] = []) => monthlyCost({ region, gpuVms });
        const together = cost([...(a.gpuVms ?? []), ...(b.gpuVms ?? [])]);
        expect(together.maxUsd).toBeCloseTo(cost(a.gpuVms).maxUsd + cost(b.gpuVms).maxUsd, 6);
        expect(together.minUsd).toBeCloseTo(cost(a.gpuVms).minUsd + cost(b.gpuVms).minUsd, 6);
      }),
    );
  });

  it("never falls when something is added", () => {
    const fields = ["forwardingRules", "natVms", "externalAddresses", "storageGb", "gkeClusters", "dnsZones"] as const;
    fc.assert(
      fc.property(fc.constantFrom(...REGIONS), fc.constantFrom(...fields), count, count, (region, field, n, more) => {
        const cost = (of: number) => monthlyCost({ region, [field]: of }).maxUsd;
        expect(cost(n + more)).toBeGreaterThanOrEqual(cost(n));
      }),
    );
  });

  it("bounds an autoscaled group from both sides", () => {
    const group = { machineType: "g2-standard-8", provisioning: "standard", bootDiskGb: 200 } as const;
    const of = (n: number | CountRange) => monthlyCost({ region: "us-central1", gpuVms: [{ ...group, count: n }] });
    expect(of({ min: 1, max: 3 }).minUsd).toBe(of(1).minUsd);
    expect(of({ min: 1, max: 3 }).maxUsd).toBe(of(3).maxUsd);
  });

  it("returns the catalogue's prices for two g2 VMs in Seoul", () => {
    const { maxUsd } = monthlyCost({
      region: "asia-northeast3",
      gpuVms: [{ machineType: "g2-standard-8", count: 2, provisioning: "standard", bootDiskGb: 200 }],
    });
    expect(maxUsd).toBeCloseTo(2 * (1.0962 * HOURS_PER_MONTH + 200 * 0.13), 1);
  });

  it("bills five forwarding rules together and the sixth by itself", () => {
    const of = (forwardingRules: number) => monthlyCost({ region: "us-central1", forwardingRules }).maxUsd;
    expect([of(0), of(1), of(5)]).toEqual([0, 0.025 * HOURS_PER_MONTH, 0.025 * HOURS_PER_MONTH]);
    expect(of(6) - of(5)).toBeCloseTo(0.01 * HOURS_PER_MONTH, 6);
  });

  it("doubles a highly available database, standby and disk", () => {
    const of = (highAvailability: boolean) =>
      monthlyCost({ region: "us-central1", cloudSql: { tier: "db-custom-2-7680", highAvailability, storageGb: 20 } });
    expect(of(true).maxUsd).toBeCloseTo(2 * of(false).maxUsd, 6);
  });

  it("names the items whose price has no source", () => {
    const { lines } = monthlyCost({
      region: "us-central1",
      natVms: 2,
      valkey: { node: "SHARED_CORE_NANO", nodes: 1 },
      gpuVms: [{ machineType: "g2-standard-8", count: 1, provisioning: "spot", bootDiskGb: 100 }],
    });
    const unconfirmed = lines.filter(({ confirmed }) => !confirmed).map(({ item }) => item);
    expect([...new Set(unconfirmed)]).toEqual(["Memorystore SHARED_CORE_NANO"]);
  });

  it.each<[string, Partial<BillOfMaterials>]>([
    ["europe-west4", { region: "europe-west4" }],
    ["g2-standard-5", { gpuVms: [{ machineType: "g2-standard-5", count: 1, provisioning: "spot", bootDiskGb: 1 }] }],
    ["c3-standard-4", { vms: [{ machineType: "c3-standard-4", count: 1, diskGb: 1 }] }],
    ["db-n1-standard-1", { cloudSql: { tier: "db-n1-standard-1", highAvailability: false, storageGb: 1 } }],
    ["3 to 1", { natVms: { min: 3, max: 1 } }],
    ["-1 to -1", { natVms: -1 }],
  ])("throws and names %s", (named, wrong) => {
    expect(() => monthlyCost({ region: "us-central1", ...wrong })).toThrow(named);
  });
});

describe("the price catalogue", () => {
  it.each([
    ["us-central1", "g2-standard-4", 0.7068, 0.2799],
    ["us-central1", "g2-standard-8", 0.8536, 0.3368],
    ["us-central1", "g2-standard-12", 1.0004, 0.3936],
    ["asia-northeast3", "g2-standard-4", 0.9077, 0.1992],
    ["asia-northeast3", "g2-standard-8", 1.0962, 0.2371],
    ["asia-northeast3", "g2-standard-12", 1.2847, 0.275],
  ])("reproduces %s %s: %d on demand, %d as Spot", (region, machineType, standard, spot) => {
    expect(gpuMachinePrice(region, machineType, "standard").usd).toBeCloseTo(standard, 3);
    expect(gpuMachinePrice(region, machineType, "spot").usd).toBeCloseTo(spot, 3);
  });

  it("prices Spot below standard and larger machines above smaller ones, in every region", () => {
    for (const region of REGIONS) {
      for (const machineType of Object.keys(MACHINE_TYPES)) {
        const [standard, spot] = [
          gpuMachinePrice(region, machineType, "standard").usd,
          gpuMachinePrice(region, machineType, "spot").usd,
        ];
        expect(spot).toBeLessThan(standard);
      }
      expect(machinePrice(region, "e2-standard-4").usd).toBeCloseTo(2 * machinePrice(region, "e2-standard-2").usd, 9);
      expect(machinePrice(region, "e2-highmem-2").usd).toBeGreaterThan(machinePrice(region, "e2-standard-2").usd);
    }
  });

  it("has a positive price with a source for everything", () => {
    const isPrice = (value: object): value is { usd: number; source: string } => "usd" in value && "source" in value;
    const flat = (value: object): object[] => (isPrice(value) ? [value] : Object.values(value).flatMap(flat));
    for (const region of REGIONS) {
      const prices = flat(pricesOf(region));
      expect(prices.length).toBeGreaterThan(12);
      for (const price of prices) {
        expect(price).toMatchObject({ source: expect.stringContaining("https://"), confirmed: expect.any(Boolean) });
        expect(isPrice(price) ? price.usd : 0).toBeGreaterThan(0);
      }
    }
  });

  it("throws for a region without prices", () => {
    expect(REGIONS.every(hasPrices)).toBe(true);
    expect(["europe-west4", "toString", ""].some(hasPrices)).toBe(false);
  });
});
