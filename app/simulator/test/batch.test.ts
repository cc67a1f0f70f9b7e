import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { kvCacheBytes } from "../src/timing";
import { gpuOnVirtualClock } from "./gpu-on-virtual-clock";

describe("Batch", () => {
  it("reads a long prompt in chunks, between which the others get their tokens", () => {
    const { clock, gpu, submit } = gpuOnVirtualClock();
    const short = submit({ prompt: 10, answer: 12 });
    clock.run(60);
    const long = submit({ prompt: 6_000, answer: 1 });
    clock.run();
    const [longFirst = 0] = long.at;
    const during = short.at.filter((moment) => moment > 60 && moment < longFirst);
    expect(during.length).toBeGreaterThanOrEqual(2);
    expect(gpu.kvCacheUsage).toBe(0);
  });

  it("runs at most its number of sequences; one that leaves frees its place", () => {
    const { clock, gpu, submit } = gpuOnVirtualClock({ maxSequences: 2 });
    const runs = [1, 2, 3].map((index) => submit({ prompt: 10, answer: 1_000, text: `${index} ` }));
    clock.run(200);
    expect([gpu.running.length, gpu.waiting.length]).toEqual([2, 1]);
    for (const { sequence } of runs.slice(0, 2)) gpu.abort(sequence);
    expect(runs[0]?.ends).toEqual(["abort"]);
    clock.run(400);
    expect(gpu.running).toEqual([runs[2]?.sequence]);
    expect(runs[2]?.at.length).toBeGreaterThan(0);
  });

  it.each([
    ["fcfs", ["late", "urgent"]],
    ["priority", ["urgent", "late"]],
  ] as const)("takes those that wait in order: %s", (policy, order) => {
    const { clock, submit } = gpuOnVirtualClock({ maxSequences: 1, policy });
    submit({ prompt: 10, answer: 5 });
    const late = submit({ prompt: 10, answer: 5, priority: 5, text: "late" });
    const urgent = submit({ prompt: 10, answer: 5, priority: 1, text: "urgent" });
    clock.run();
    const first = (late.at[0] ?? 0) < (urgent.at[0] ?? 0) ? "late" : "urgent";
    expect(first).toBe(order[0]);
  });

  it.each([
    ["fcfs", 1],
    ["priority", 0],
  ] as const)("gives up the right place when the cache is full: %s", (policy, victim) => {
    const room = kvCacheBytes(80);
    const { clock, submit, preempted } = gpuOnVirtualClock({ policy, kvCacheBytes: room, prefixCaching: false });
    const runs = [
      submit({ prompt: 32, answer: 40, priority: 9, text: "a" }),
      submit({ prompt: 32, answer: 40, priority: 1, text: "b" }),
    ];
    clock.run();
    expect(preempted[0]).toBe(runs[victim]?.sequence);
    // It computes again what it had, and ends with every token delivered once.
    expect(runs.map(({ at }) => at.length)).toEqual([40, 40]);
    expect(runs.map(({ ends }) => ends)).toEqual([["stop"], ["stop"]]);
  });

  it("runs at most its number of adapters; a sequence of another one waits for no room", () => {
    const { clock, gpu, submit } = gpuOnVirtualClock({ maxAdapters: 1 });
    submit({ prompt: 10, answer: 5, adapter: "a" });
    const other = submit({ prompt: 10, answer: 5, adapter: "b" });
    const base = submit({ prompt: 10, answer: 5 });
    clock.run(40);
    clock.run(100);
    expect(gpu.waiting).toEqual([other.sequence]);
    expect(other.sequence.deferred).toBe(true);
    clock.run();
    expect([other.at.length, base.at.length]).toEqual([5, 5]);
  });

  it("ends every sequence once, with all its tokens, whatever comes in whatever order", () => {
    const asked = fc.record({
      prompt: fc.integer({ min: 1, max: 700 }),
      answer: fc.integer({ min: 1, max: 40 }),
      priority: fc.nat(3),
      adapter: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
      text: fc.constantFrom("x", "y"),
      afterMs: fc.nat(300),
      isAborted: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(asked, { maxLength: 30 }),
        fc.constantFrom("fcfs", "priority"),
        fc.constantFrom(1, 0),
        (requests, policy, speed) => {
          const { clock, gpu, submit } = gpuOnVirtualClock({
            speed,
            policy,
            stepwise: true,
            maxSequences: 4,
            maxAdapters: 2,
            kvCacheBytes: kvCacheBytes(1_000),
          });
          const runs = requests.map(({ afterMs, isAborted, adapter, ...rest }) => {
            const run = submit(adapter === undefined ? rest : { ...rest, adapter });
            clock.run(clock.now() + afterMs);
            if (isAborted) gpu.abort(run.sequence);
            return { ...run, answer: rest.answer };
          });
          clock.run();
          for (const { at, ends, answer } of runs) {
            expect(ends).toHaveLength(1);
            if (ends[0] === "stop") expect(at).toHaveLength(answer);
          }
          expect([gpu.running, gpu.waiting, gpu.kvCacheUsage]).toEqual([[], [], 0]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
