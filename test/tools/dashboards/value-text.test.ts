import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { PanelUnit } from "../../../observability/dashboards/dashboard";
import { clockText, timeTicks, valueTicks } from "../../../tools/dashboards/axis";
import { valueText } from "../../../tools/dashboards/value-text";

describe("a value's text", () => {
  it.each<[number, PanelUnit, number | undefined, string]>([
    [0.151, "seconds", undefined, "151 ms"],
    [0, "seconds", undefined, "0 s"],
    [4.5, "seconds", undefined, "4.5 s"],
    [90, "seconds", undefined, "1.5 min"],
    [93_600, "duration", undefined, "1.08 days"],
    [0.0123, "ratio", 2, "1.23%"],
    [87.4, "percent", 0, "87%"],
    [20_730, "mebibytes", undefined, "20.2 GiB"],
    [1_234, "tokens per second", undefined, "1.23 K tok/s"],
    [2.1924, "dollars", 2, "$2.19"],
    [0, "state", undefined, "down"],
    [1, "state", undefined, "up"],
    [-3.133, "ratio", 1, "-313.3%"],
    [Number.NaN, "count", undefined, "NaN"],
  ])("%d %s is %s: %s", (value, unit, decimals, text) => {
    expect(valueText(value, unit, decimals)).toBe(text);
  });
});

describe("an axis", () => {
  it("rises from 0 to the largest value or just above, in a few round steps", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), fc.constantFrom(1, 60, 1_024), (largest, base) => {
        const ticks = valueTicks(largest, 4, base);
        const last = ticks.at(-1) ?? Number.NaN;
        expect(ticks[0]).toBe(0);
        expect(last).toBeGreaterThanOrEqual(largest * (1 - 1e-9));
        expect(last).toBeLessThan(largest * 2.6);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThanOrEqual(5);
      }),
    );
  });

  it("has one where nothing was measured", () => {
    expect(valueTicks(0, 4)).toEqual(valueTicks(1, 4));
    expect(valueTicks(Number.NEGATIVE_INFINITY, 4)).toEqual(valueTicks(1, 4));
  });

  it("has at most so many times, all round and within the range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1.6e9, max: 1.9e9 }), fc.integer({ min: 60, max: 604_800 }), (start, length) => {
        const ticks = timeTicks(start, start + length, 6);
        expect(ticks.length).toBeLessThanOrEqual(7);
        for (const tick of ticks) {
          expect(tick % 60).toBe(0);
          expect(tick).toBeGreaterThanOrEqual(start);
          expect(tick).toBeLessThanOrEqual(start + length);
        }
      }),
    );
    expect(clockText(1_795_280_460)).toBe("17:01");
  });
});
