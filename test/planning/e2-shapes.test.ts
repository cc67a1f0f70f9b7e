import { describe, expect, it } from "@jest/globals";
import { e2Shape } from "../../planning/e2-shapes";

describe("e2Shape", () => {
  it.each([
    ["e2-standard-2", { vcpus: 2, memoryGib: 8 }],
    ["e2-standard-4", { vcpus: 4, memoryGib: 16 }],
    ["e2-highmem-8", { vcpus: 8, memoryGib: 64 }],
  ])("%s", (machineType, shape) => {
    expect(e2Shape(machineType)).toEqual(shape);
  });

  it.each(["e2-medium", "n2-standard-4", "e2-standard-", ""])("throws for %j", (machineType) => {
    expect(() => e2Shape(machineType)).toThrow(RangeError);
  });
});
