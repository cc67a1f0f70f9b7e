import { describe, expect, it } from "@jest/globals";
import { isMachineType, L4, L4_ZONES, l4Zones, MACHINE_TYPES, regionOfZone } from "../../planning/gpus";

describe("MACHINE_TYPES", () => {
  it("carry at least one L4, the vCPUs of their name and 4 GiB for each", () => {
    for (const [name, { vcpus, memoryGib, l4Count }] of Object.entries(MACHINE_TYPES)) {
      expect(name).toBe(`g2-standard-${vcpus}`);
      expect(memoryGib).toBe(4 * vcpus);
      expect(l4Count).toBeGreaterThan(0);
    }
  });

  it("carry 2, 4 and 8 L4s in three shapes, and one in the others", () => {
    const several = Object.entries(MACHINE_TYPES).filter(([, { l4Count }]) => l4Count > 1);
    expect(Object.fromEntries(several.map(([name, { l4Count }]) => [name, l4Count]))).toEqual({
      "g2-standard-24": 2,
      "g2-standard-48": 4,
      "g2-standard-96": 8,
    });
  });

  it("are recognized by isMachineType", () => {
    expect(Object.keys(MACHINE_TYPES).every(isMachineType)).toBe(true);
    expect(["g2-standard-5", "n1-standard-4", "toString", ""].some(isMachineType)).toBe(false);
  });
});

describe("L4_ZONES", () => {
  it("start with their region and have a source", () => {
    for (const zone of l4Zones()) {
      expect(zone.startsWith(`${regionOfZone(zone)}-`)).toBe(true);
      expect(L4_ZONES[zone]?.source).toMatch(/^https:/);
    }
  });

  it("include Seoul's two and Iowa's three", () => {
    const inRegion = (region: string) => l4Zones().filter((zone) => regionOfZone(zone) === region);
    expect(inRegion("asia-northeast3")).toEqual(["asia-northeast3-a", "asia-northeast3-b"]);
    expect(inRegion("us-central1")).toEqual(["us-central1-a", "us-central1-b", "us-central1-c"]);
  });

  it.each(["us-central1", "us-central1-", "us-central1-aa", "", "a"])("do not include %j", (text) => {
    expect(() => regionOfZone(text)).toThrow(RangeError);
  });
});

it("a CUDA program sees less of an L4 than nvidia-smi reports", () => {
  expect(L4.cudaMemoryBytes).toBeLessThan(L4.memoryBytes);
  expect(L4.memoryBytes).toBeLessThan(24e9 + 2e8);
});
