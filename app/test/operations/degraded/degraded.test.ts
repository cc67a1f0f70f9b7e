import { describe, expect, it } from "@jest/globals";
import { Registry } from "prom-client";
import type { Task } from "../../../src/contract/tasks";
import { DegradedMode } from "../../../src/operations/degraded/degraded-mode";
import { PRIORITIES, type Priority } from "../../../src/operations/degraded/priority";
import { AppError } from "../../../src/shared/errors/app-error";

/** What each priority gets: a decision, or the code and seconds of the refusal. */
function outcomes(degraded: DegradedMode, task: Task = "til"): Record<Priority, unknown> {
  const outcome = (priority: Priority) => {
    try {
      return degraded.decision(task, priority);
    } catch (thrown) {
      return thrown instanceof AppError ? [thrown.code, thrown.status, thrown.retryAfterSeconds] : thrown;
    }
  };
  const [high, normal, low] = PRIORITIES.map(outcome);
  return { high, normal, low };
}

const SERVED = { high: "serve", normal: "serve", low: "serve" };

describe("DegradedMode", () => {
  it("serves every priority while it is off", () => {
    expect(outcomes(new DegradedMode())).toEqual(SERVED);
  });

  it("serves priority high, answers normal simply, refuses low", () => {
    const degraded = new DegradedMode();
    degraded.enter("operator", "maintenance");
    expect(outcomes(degraded)).toEqual({ high: "serve", normal: "simple", low: ["DEGRADED", 503, 30] });
    expect([...degraded.reasons]).toEqual([["operator", "maintenance"]]);
  });

  it("lets a refused client retry at once where the machine is preempted: another one answers", () => {
    const degraded = new DegradedMode();
    degraded.enter("preemption");
    expect(outcomes(degraded).low).toEqual(["DEGRADED", 503, 1]);
  });

  it("ends when its last reason ends, and not before", () => {
    const degraded = new DegradedMode();
    degraded.enter("operator");
    degraded.enter("preemption");
    degraded.leave("operator");
    expect(degraded.active).toBe(true);
    degraded.leave("preemption");
    expect(outcomes(degraded)).toEqual(SERVED);
  });

  it("degrades only the task whose engines are down", async () => {
    const down = new Set<Task>(["interview"]);
    const degraded = new DegradedMode({ enginesDown: (task) => down.has(task) });
    const registry = new Registry();
    degraded.register(registry, ["til", "news", "interview"]);
    expect(outcomes(degraded, "til")).toEqual(SERVED);
    expect(outcomes(degraded, "interview").normal).toBe("simple");
    expect(await registry.metrics()).toContain("gateway_degraded 1");
    down.clear();
    expect(outcomes(degraded, "interview")).toEqual(SERVED);
    expect(await registry.metrics()).toContain("gateway_degraded 0");
  });
});
