import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { clusterRollout, clusterUnit } from "../../environment/cluster-unit";
import { environmentOf } from "../../environment/environment";
import { longestApplySeconds } from "../../planning/apply-times";
import { coldStartBudget } from "../../planning/cold-start";
import { isModelName, MODELS, type ModelName } from "../../planning/models";
import {
  longestReleaseSeconds,
  MIGRATION_SECONDS,
  type Rollout,
  releaseCheckSeconds,
  rolloutTimeoutSeconds,
} from "../../planning/rollout";
import { STACKS } from "../../stacks/terrace-stack";
import { settingsOf } from "../support/environments";

const NAMES: readonly ModelName[] = Object.keys(MODELS).filter(isModelName);
const rollouts: fc.Arbitrary<Rollout> = fc.record({
  models: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
  replicas: fc.integer({ min: 1, max: 20 }),
  stopSeconds: fc.integer({ min: 0, max: 600 }),
});

describe("rolloutTimeoutSeconds", () => {
  it("includes every pod's stop and start, one after another", () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        const timeout = rolloutTimeoutSeconds(rollout);
        for (const name of rollout.models) {
          const { totalSeconds, podSeconds } = coldStartBudget(name);
          const pods = rollout.replicas * (rollout.stopSeconds + podSeconds);
          expect(timeout).toBeGreaterThanOrEqual(totalSeconds - podSeconds + pods);
        }
      }),
    );
  });

  it("ends after every hook, which Helm gives the same time", () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        expect(rolloutTimeoutSeconds(rollout)).toBeGreaterThan(releaseCheckSeconds(rollout));
        expect(rolloutTimeoutSeconds(rollout)).toBeGreaterThan(MIGRATION_SECONDS);
      }),
    );
  });

  it("throws for a rollout without models or without pods", () => {
    expect(() => rolloutTimeoutSeconds({ models: [], replicas: 1, stopSeconds: 0 })).toThrow(RangeError);
    expect(() => rolloutTimeoutSeconds({ models: ["gemma3-4b-it"], replicas: 0, stopSeconds: 0 })).toThrow(RangeError);
  });
});

describe("releaseCheckSeconds", () => {
  it("allows each model a cold start after its predecessor has left", () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        for (const name of rollout.models) {
          const needed = coldStartBudget(name).totalSeconds + rollout.stopSeconds;
          expect(releaseCheckSeconds(rollout)).toBeGreaterThanOrEqual(needed);
        }
      }),
    );
  });
});

describe("longestApplySeconds", () => {
  it("has a time for every stack, in whole minutes but for the release", () => {
    const environment = environmentOf(settingsOf("production"));
    const { kubernetes } = environment.settings;
    if (kubernetes === null) throw new Error("production has no cluster");
    const rollout = clusterRollout(clusterUnit(environment, kubernetes), kubernetes);
    const seconds = Object.fromEntries(STACKS.map((stack) => [stack, longestApplySeconds(stack, rollout)]));
    expect(seconds).toEqual({
      bootstrap: 1200,
      foundation: 1200,
      data: 7200,
      "vm-serving": 2400,
      "gke-cluster": 5400,
      "gke-platform": 2700,
      // 900 s to migrate, 3000 s for the pods, 930 s for the check, 3000 s for the way back.
      "gke-serving": 7830,
      operations: 1200,
      edge: 2400,
    });
    expect(longestReleaseSeconds(rollout)).toBe(7830);
  });

  it("throws for the release of no cluster", () => {
    expect(() => longestApplySeconds("gke-serving", null)).toThrow(/only where there is a cluster/);
  });
});
