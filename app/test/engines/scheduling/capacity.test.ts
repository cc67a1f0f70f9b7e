import { describe, expect, it } from "@jest/globals";
import { Registry } from "prom-client";
import { METRICS } from "../../../src/contract/metrics";
import { SchedulingMetrics } from "../../../src/engines/scheduling/scheduling-metrics";
import { dispatcherOf, endpoints, job } from "./model";

describe("Dispatcher's queue limits", () => {
  it("refuse at once a job that would be late, with the queue's service time", async () => {
    const { dispatcher } = dispatcherOf(endpoints(1), { prefillWindowTokens: 512 });
    // 30,000 tokens at the planned 2,500 a second: twelve seconds.
    await dispatcher.acquire(job({ promptTokens: 30_000 }));
    await expect(dispatcher.acquire(job({ timeoutMs: 10_000 }))).rejects.toMatchObject({
      code: "QUEUE_FULL",
      status: 429,
      retryAfterSeconds: 12,
    });
    expect(dispatcher.waiting).toBe(0);
  });

  it("admit a short job that goes before what makes the queue long", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1), { prefillWindowTokens: 512 });
    const first = await dispatcher.acquire(job());
    for (let long = 0; long < 10; long += 1) void dispatcher.acquire(job({ promptTokens: 6_000 }));
    const short = dispatcher.acquire(job({ promptTokens: 50, timeoutMs: 1_000 }));
    await clock.run(10);
    first.release();
    expect((await short).queuedMs).toBe(10);
  });

  it("refuse one job more than may wait, and keep part of the queue free of batch", async () => {
    const { dispatcher } = dispatcherOf(endpoints(1), { maxQueue: 10 });
    await dispatcher.acquire(job());
    for (let waiting = 0; waiting < 7; waiting += 1) void dispatcher.acquire(job({ class: "batch" }));
    await expect(dispatcher.acquire(job({ class: "batch" }))).rejects.toMatchObject({ code: "QUEUE_FULL" });
    for (let waiting = 0; waiting < 3; waiting += 1) void dispatcher.acquire(job());
    await expect(dispatcher.acquire(job())).rejects.toMatchObject({ code: "QUEUE_FULL", status: 429 });
    expect(dispatcher.waiting).toBe(10);
  });

  it("give a full engine's Retry-After: when a place should be free, by how long places were held", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(2));
    expect(dispatcher.retryAfterFullSeconds()).toBe(1);
    const leases = await Promise.all([dispatcher.acquire(job()), dispatcher.acquire(job())]);
    for (const lease of leases) lease.firstToken();
    await clock.run(10_000);
    for (const lease of leases) lease.release({ completionTokens: 100 });
    // Two places, each held for ten seconds.
    expect(dispatcher.retryAfterFullSeconds()).toBe(5);
  });

  it("reject a job whose time is over, and not the others", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1));
    await dispatcher.acquire(job());
    void dispatcher.acquire(job());
    const late = dispatcher.acquire(job({ timeoutMs: 3_000 }));
    const outcome = expect(late).rejects.toMatchObject({ code: "QUEUE_TIMEOUT", status: 504, params: { seconds: 3 } });
    await clock.run(3_000);
    await outcome;
    expect(dispatcher.waiting).toBe(1);
  });

  it("let a client leave, before and while it waits, and in the moment of its turn", async () => {
    const { dispatcher } = dispatcherOf(endpoints(1));
    await expect(dispatcher.acquire(job({ signal: AbortSignal.abort("gone") }))).rejects.toBe("gone");
    const first = await dispatcher.acquire(job());
    const controllers = [new AbortController(), new AbortController()];
    const [leaves, stays] = controllers.map(({ signal }) => dispatcher.acquire(job({ signal })));
    controllers[0]?.abort("left");
    await expect(leaves).rejects.toBe("left");
    first.release();
    controllers[1]?.abort("too late");
    (await stays)?.release();
    expect([dispatcher.waiting, dispatcher.inFlight("e0")]).toEqual([0, 0]);
  });
});

describe("Capacity", () => {
  it("measures the prefill rate, and puts it into Retry-After", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1), { prefillWindowTokens: 512 });
    for (let round = 1; round <= 60; round += 1) {
      const lease = await dispatcher.acquire(job({ promptTokens: 5_000 }));
      await clock.run(round * 5_000);
      lease.firstToken();
      lease.release();
    }
    expect(dispatcher.prefillTokensPerSecond).toBeCloseTo(1_000, -2);
    await dispatcher.acquire(job({ promptTokens: 30_000 }));
    const refusal = dispatcher.acquire(job({ timeoutMs: 10_000 }));
    await expect(refusal).rejects.toMatchObject({ code: "QUEUE_FULL", retryAfterSeconds: 30 });
  });

  it("ignores short prompts, failures and clients that leave", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(2));
    for (let round = 1; round <= 20; round += 1) {
      const short = await dispatcher.acquire(job({ promptTokens: 20 }));
      const failed = await dispatcher.acquire(job({ promptTokens: 5_000 }));
      await clock.run(round * 1_000);
      failed.release({ failed: true });
      short.firstToken();
      short.release({ completionTokens: 10 });
    }
    expect(dispatcher.prefillTokensPerSecond).toBe(2_500);
  });

  it("measures the decode rate, and how long places are held", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1));
    const lease = await dispatcher.acquire(job());
    lease.firstToken();
    await clock.run(10_000);
    lease.release({ completionTokens: 151 });
    expect(dispatcher.decodeTokensPerSecond).toBe(15);
    await dispatcher.acquire(job());
    // One place, held for ten seconds each time.
    await expect(dispatcher.acquire(job({ timeoutMs: 9_000 }))).rejects.toMatchObject({ retryAfterSeconds: 10 });
  });
});

describe("SchedulingMetrics", () => {
  it("show each model's queue, and how long each class waited", async () => {
    const registry = new Registry();
    const metrics = new SchedulingMetrics(registry, () => [["gemma", 3]]);
    const { clock, dispatcher } = dispatcherOf(endpoints(1), {
      onWait: (requestClass, waitedMs) => metrics.waited("gemma", requestClass, waitedMs),
    });
    const first = await dispatcher.acquire(job());
    const second = dispatcher.acquire(job({ class: "batch" }));
    await clock.run(1_500);
    first.release();
    (await second).release();
    const text = await registry.metrics();
    expect(text).toContain(`${METRICS.queueLength}{model="gemma"} 3`);
    expect(text).toContain(`${METRICS.queueWait}_sum{model="gemma",class="batch"} 1.5`);
    expect(text).toContain(`${METRICS.queueWait}_count{model="gemma",class="interactive"} 1`);
  });
});
