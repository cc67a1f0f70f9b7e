import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { COLOURS, engineColours } from "../../planning/engine-colours";

const replicas = { min: 2, max: 4 };

describe("engineColours", () => {
  it("deploys one colour where it has all of the traffic", () => {
    expect(engineColours({ shares: { blue: 100, green: 0 }, serving: "shares", replicas })).toEqual({
      serving: "blue",
      deployed: { blue: { min: 2, max: 4 } },
    });
    expect(engineColours({ shares: { blue: 0, green: 100 }, serving: "shares", replicas }).serving).toBe("green");
  });

  it("deploys both colours where they share the traffic, with at least a pod each", () => {
    expect(engineColours({ shares: { blue: 95, green: 5 }, serving: "shares", replicas })).toEqual({
      serving: "both",
      deployed: { blue: { min: 2, max: 4 }, green: { min: 1, max: 1 } },
    });
  });

  it("keeps both deployed while one serves alone", () => {
    const split = { shares: { blue: 50, green: 50 }, replicas };
    const [before, after] = [
      engineColours({ ...split, serving: "shares" }),
      engineColours({ ...split, serving: "blue" }),
    ];
    expect(after.serving).toBe("blue");
    expect(after.deployed).toEqual(before.deployed);
  });

  it("throws for shares that are not the whole, and a colour that serves without pods", () => {
    expect(() => engineColours({ shares: { blue: 50, green: 40 }, serving: "shares", replicas })).toThrow(/sum to 100/);
    expect(() => engineColours({ shares: { blue: 100, green: 0 }, serving: "green", replicas })).toThrow(/no pods/);
  });

  it("never leaves the traffic without a pod, and never takes more than one pod over the most", () => {
    const input = fc.record({
      blue: fc.integer({ min: 0, max: 100 }),
      min: fc.integer({ min: 1, max: 20 }),
      more: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(input, ({ blue, min, more }) => {
        const shares = { blue, green: 100 - blue };
        const { serving, deployed } = engineColours({ shares, serving: "shares", replicas: { min, max: min + more } });
        const pods = COLOURS.flatMap((colour) => deployed[colour] ?? []);
        if (serving !== "both") expect(Object.keys(deployed)).toEqual([serving]);
        for (const each of pods) {
          expect(each.min).toBeGreaterThanOrEqual(1);
          expect(each.max).toBeGreaterThanOrEqual(each.min);
        }
        const most = pods.reduce((sum, { max }) => sum + max, 0);
        expect(most).toBeGreaterThanOrEqual(min + more);
        expect(most).toBeLessThanOrEqual(min + more + 1);
      }),
    );
  });
});
