import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Observation } from "../../../tools/ops/observation";
import { type Goal, nextStep, type OpsStep } from "../../../tools/ops/steps";

const SERVICES = ["til", "api"] as const;
const inside = fc.record({
  bootId: fc.constantFrom("a", "b"),
  gateway: fc.constantFrom("active", "activating", "deactivating", "inactive", "failed"),
  inFlight: fc.option(fc.nat(30), { nil: undefined }),
});
const observation: fc.Arbitrary<Observation> = fc.record({
  status: fc.constantFrom("RUNNING", "STAGING", "PROVISIONING", "STOPPING", "TERMINATED", "SUSPENDED", "MISSING"),
  healthy: fc.record({ til: fc.boolean(), api: fc.boolean() }),
  inside: fc.option(inside, { nil: undefined }),
});
const goal: fc.Arbitrary<Goal> = fc.oneof(
  fc.constant<Goal>({ kind: "drain" }),
  fc.constant<Goal>({ kind: "undrain" }),
  fc.constantFrom("a", undefined).map((bootId): Goal => ({ kind: "restart", bootId })),
);
const last = fc.subarray([...SERVICES]);

/** What must never happen, whatever is seen. @returns the first broken promise */
function brokenPromise(
  decide: typeof nextStep,
  wanted: Goal,
  seen: Observation,
  alone: readonly string[],
): string | undefined {
  const step = decide(wanted, seen, alone);
  if (step.kind === "act" && step.action === "stop-unit" && alone.length > 0) return "takes the last machine away";
  if (step.kind !== "act" || step.action !== "reboot") return undefined;
  if (seen.inside === undefined || !["inactive", "failed"].includes(seen.inside.gateway))
    return "reboots with work in flight";
  if (Object.values(seen.healthy).includes(true)) return "reboots while traffic comes";
  if (wanted.kind !== "restart" || wanted.bootId !== seen.inside.bootId) return "boots a machine twice";
  return undefined;
}

describe("nextStep", () => {
  it("never takes the last machine away, never reboots with work or traffic, and never boots twice", () => {
    fc.assert(
      fc.property(goal, observation, last, (wanted, seen, alone) => {
        expect(brokenPromise(nextStep, wanted, seen, alone)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, (step: OpsStep, wanted: Goal, seen: Observation) => OpsStep]>([
    ["the last machine", (step) => (step.kind === "refuse" ? { kind: "act", action: "stop-unit" } : step)],
    [
      "a reboot before the end",
      (step, wanted) => (wanted.kind === "restart" && step.kind === "wait" ? { kind: "act", action: "reboot" } : step),
    ],
    [
      "a second boot",
      (step, wanted) => (wanted.kind === "restart" && step.kind === "done" ? { kind: "act", action: "reboot" } : step),
    ],
  ])("the properties above fail for a decision that forgets %s", (_, plant) => {
    const planted: typeof nextStep = (wanted, seen, alone) => plant(nextStep(wanted, seen, alone), wanted, seen);
    const broken = fc.check(
      fc.property(
        goal,
        observation,
        last,
        (wanted, seen, alone) => brokenPromise(planted, wanted, seen, alone) === undefined,
      ),
      { numRuns: 2000 },
    );
    expect(broken.failed).toBe(true);
  });

  it("does nothing where the goal is reached", () => {
    const drained: Observation = {
      status: "RUNNING",
      healthy: { til: false },
      inside: { bootId: "a", gateway: "inactive" },
    };
    const serving: Observation = {
      status: "RUNNING",
      healthy: { til: true },
      inside: { bootId: "b", gateway: "active" },
    };
    expect(nextStep({ kind: "drain" }, drained, [])).toMatchObject({ kind: "done" });
    expect(nextStep({ kind: "undrain" }, serving, [])).toMatchObject({ kind: "done" });
    expect(nextStep({ kind: "restart", bootId: "a" }, serving, [])).toMatchObject({ kind: "done" });
  });

  it("names what it waits for and how much is in flight", () => {
    const leaving: Observation = {
      status: "RUNNING",
      healthy: { til: true },
      inside: { bootId: "a", gateway: "deactivating", inFlight: 7 },
    };
    expect(nextStep({ kind: "drain" }, leaving, ["til"])).toEqual({
      kind: "wait",
      until: "its answers are finished, 7 in flight",
    });
  });
});
