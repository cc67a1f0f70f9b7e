import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { coldStartBudget, startupFailures } from "../../planning/cold-start";
import { isModelName, MODELS, type ModelName } from "../../planning/models";

const NAMES: readonly ModelName[] = Object.keys(MODELS).filter(isModelName);
const model = fc.constantFrom(...NAMES);

describe("coldStartBudget", () => {
  it("is the sum of its phases, each with its source", () => {
    for (const name of NAMES) {
      const { phases, totalSeconds, podSeconds, engineSeconds } = coldStartBudget(name);
      expect(phases.map((phase) => phase.name)).toEqual(["node", "image", "weights", "graphs"]);
      expect(totalSeconds).toBe(phases.reduce((sum, { seconds }) => sum + seconds, 0));
      expect(podSeconds).toBe(totalSeconds - (phases[0]?.seconds ?? 0));
      expect(engineSeconds).toBe(phases[3]?.seconds);
      for (const { source, seconds } of phases) {
        expect(source).not.toBe("");
        expect(seconds).toBeGreaterThan(0);
      }
    }
  });

  it("allows a 16 GB model the 10 minutes that an untuned start takes, within the required 15", () => {
    const { totalSeconds, engineSeconds } = coldStartBudget("qwen2.5-7b-instruct");
    expect(totalSeconds).toBeGreaterThan(10 * 60);
    expect(totalSeconds).toBeLessThan(15 * 60);
    // The plain loader alone takes 48 s for these weights.
    expect(engineSeconds).toBeGreaterThan(48);
  });

  it("grows with the weights", () => {
    fc.assert(
      fc.property(model, model, (a, b) => {
        fc.pre(MODELS[a].weightBytes <= MODELS[b].weightBytes);
        expect(coldStartBudget(a).totalSeconds).toBeLessThanOrEqual(coldStartBudget(b).totalSeconds);
      }),
    );
  });
});

describe("startupFailures", () => {
  it("allow a startup probe at least the engine's budget, and less than a period more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3600 }), fc.integer({ min: 1, max: 60 }), (seconds, period) => {
        const failures = startupFailures(seconds, period);
        expect(failures * period).toBeGreaterThanOrEqual(seconds);
        expect((failures - 1) * period).toBeLessThan(seconds);
      }),
    );
  });

  it("throw for a probe without a period", () => {
    expect(() => startupFailures(10, 0)).toThrow(RangeError);
  });
});
