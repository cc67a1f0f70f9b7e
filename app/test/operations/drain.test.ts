import { afterEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { Registry } from "prom-client";
import { Lifecycle } from "../../src/operations/lifecycle";
import { WorkInFlight, type WorkItem, type WorkOutcome } from "../../src/operations/load/work-in-flight";
import { Operations } from "../../src/operations/operations";
import { drainTimes } from "../../src/operations/shutdown";

afterEach(() => {
  jest.useRealTimers();
});

describe("Lifecycle", () => {
  it("calls each listener of a drain once, also a later one, and keeps the time of its beginning", () => {
    jest.useFakeTimers({ now: 1_000 });
    const lifecycle = new Lifecycle();
    const heard: string[] = [];
    lifecycle.onDraining(({ reason }) => heard.push(`early ${reason}`));
    lifecycle.startDraining("operator");
    jest.setSystemTime(9_000);
    lifecycle.startDraining("signal", 42);
    lifecycle.onDraining(({ reason }) => heard.push(`late ${reason}`));
    expect(heard).toEqual(["early operator", "late signal"]);
    expect(lifecycle.draining).toEqual({ reason: "signal", since: 1_000, cutAt: 42 });
  });

  it("cancels an operator's drain, and calls the listeners at the next one", () => {
    const lifecycle = new Lifecycle();
    let heard = 0;
    const stop = lifecycle.onDraining(() => {
      heard += 1;
    });
    lifecycle.startDraining("operator");
    expect(lifecycle.resume()).toBe(true);
    expect(lifecycle.phase).toBe("serving");
    lifecycle.startDraining("operator");
    expect(heard).toBe(2);
    stop();
    lifecycle.resume();
    lifecycle.startDraining("operator");
    expect(heard).toBe(2);
  });

  it.each(["signal", "preemption", "error"] as const)("does not cancel a drain by %s", (reason) => {
    const lifecycle = new Lifecycle();
    lifecycle.startDraining("operator");
    lifecycle.startDraining(reason);
    expect(lifecycle.resume()).toBe(false);
    expect(lifecycle.phase).toBe("draining");
  });

  it("does not cancel a drain whose listener is closed", () => {
    const lifecycle = new Lifecycle();
    lifecycle.startDraining("operator");
    lifecycle.startClosing();
    expect(lifecycle.resume()).toBe(false);
    expect(lifecycle.phase).toBe("closing");
  });

  it("calls each listener of the cut once, also a later one, but none that was removed", () => {
    const lifecycle = new Lifecycle();
    const heard: string[] = [];
    lifecycle.onCut(() => heard.push("early"));
    lifecycle.onCut(() => heard.push("gone"))();
    lifecycle.cut();
    lifecycle.onCut(() => heard.push("late"));
    expect(heard).toEqual(["early", "late"]);
    expect(lifecycle.cutting).toBe(true);
  });
});

describe("WorkInFlight", () => {
  const OUTCOMES: readonly WorkOutcome[] = ["completed", "lost", "left"];
  const step = fc.oneof(
    fc.constant("begin" as const),
    fc.constant("drain" as const),
    fc.record({ end: fc.nat(20), outcome: fc.constantFrom(...OUTCOMES), failed: fc.boolean() }),
  );

  it("adds up: each request of a drain has one outcome, or is still in flight", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const flight = new WorkInFlight();
        const open: WorkItem[] = [];
        for (const entry of steps) {
          if (entry === "begin") open.push(flight.begin());
          else if (entry === "drain") flight.draining();
          else {
            const [work] = open.splice(entry.end, 1);
            if (entry.failed) work?.fail();
            work?.end(entry.outcome);
            // A second end must not count.
            work?.end("lost");
          }
          expect(flight.count).toBe(open.length);
          const report = flight.report;
          if (report === undefined) continue;
          const ended = report.completed + report.lost + report.left;
          expect(report.inFlight + report.accepted).toBe(ended + flight.count);
        }
      }),
    );
  });

  it("counts an answer that ended with an error as lost, and one that its client gave up as left", async () => {
    const registry = new Registry();
    const flight = new WorkInFlight();
    flight.register(registry);
    const [failed, left, before] = [flight.begin(), flight.begin(), flight.begin()];
    before.end("completed");
    flight.draining();
    failed.fail();
    failed.end("completed");
    left.fail();
    left.end("left");
    expect(flight.report).toEqual({ inFlight: 2, accepted: 0, completed: 0, lost: 1, left: 1 });
    const text = await registry.metrics();
    expect(text).toContain('gateway_drain_requests_total{outcome="lost"} 1');
    expect(text).toContain('gateway_drain_requests_total{outcome="left"} 1');
    expect(text).toContain('gateway_drain_requests_total{outcome="completed"} 0');
  });

  it("counts from a drain's beginning until it is cancelled", () => {
    const operations = new Operations({ slaTtftMs: 2_000 });
    operations.work.begin();
    expect(operations.work.report).toBeUndefined();
    operations.lifecycle.startDraining("operator");
    expect(operations.work.report).toMatchObject({ inFlight: 1 });
    expect(operations.resume()).toBe(true);
    expect(operations.work.report).toBeUndefined();
  });
});

describe("drainTimes", () => {
  const times = fc.record({ preStopMs: fc.nat(600_000), drainTimeoutMs: fc.nat(3_600_000) });

  it("are the configured ones, unless the machine is preempted", () => {
    fc.assert(
      fc.property(times, (configured) => {
        for (const reason of ["signal", "operator", "error"] as const) {
          expect(drainTimes(configured, reason)).toEqual(configured);
        }
      }),
    );
  });

  it("fit a Spot machine's 30 s with 3 s to spare, and are never longer than configured", () => {
    fc.assert(
      fc.property(times, (configured) => {
        const { preStopMs, drainTimeoutMs } = drainTimes(configured, "preemption");
        expect(preStopMs + drainTimeoutMs).toBeLessThanOrEqual(27_000);
        expect(preStopMs).toBeLessThanOrEqual(configured.preStopMs);
        expect(drainTimeoutMs).toBeLessThanOrEqual(configured.drainTimeoutMs);
      }),
    );
  });

  it("leave most of the notice to answers: an on-demand machine's 15 s and 240 s become 10 s and 17 s", () => {
    expect(drainTimes({ preStopMs: 15_000, drainTimeoutMs: 240_000 }, "preemption")).toEqual({
      preStopMs: 10_000,
      drainTimeoutMs: 17_000,
    });
    expect(drainTimes({ preStopMs: 2_000, drainTimeoutMs: 10_000 }, "preemption")).toEqual({
      preStopMs: 2_000,
      drainTimeoutMs: 10_000,
    });
  });
});
