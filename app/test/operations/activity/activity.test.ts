import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Registry } from "prom-client";
import { METRICS } from "../../../src/contract/metrics";
import { ActiveUsers } from "../../../src/operations/activity/active-users";
import { ActivityTracker } from "../../../src/operations/activity/activity-tracker";
import { engineLoad, metricValues } from "../../../src/operations/activity/engine-load";
import { registerRecentMetrics } from "../../../src/operations/activity/recent-metrics";
import { RecentSamples } from "../../../src/operations/activity/recent-samples";
import { GoodputTracker } from "../../../src/operations/goodput/goodput-tracker";

const MINUTE = 60_000;

describe("ActiveUsers", () => {
  it("counts the distinct callers of the last five minutes, as a scan of every visit does", () => {
    const visits = fc.array(fc.record({ afterMs: fc.nat(2 * MINUTE), user: fc.constantFrom("a", "b", "c", "d") }));
    fc.assert(
      fc.property(visits, fc.nat(6 * MINUTE), (list, pause) => {
        let now = 0;
        const users = new ActiveUsers({ now: () => now });
        const seen: { user: string; at: number }[] = [];
        for (const { afterMs, user } of list) {
          now += afterMs;
          users.seen(user);
          seen.push({ user, at: now });
        }
        now += pause;
        const recent = seen.filter(({ at }) => at >= now - 5 * MINUTE).map(({ user }) => user);
        expect(users.count).toBe(new Set(recent).size);
      }),
    );
  });

  it("drops the callers that were away longest where there are too many", () => {
    const users = new ActiveUsers({ now: () => 0, most: 3 });
    for (const user of ["a", "b", "c", "a", "d"]) users.seen(user);
    expect(users.count).toBe(3);
    users.seen("a");
    expect(users.count).toBe(3);
  });
});

describe("RecentSamples", () => {
  it("gives nearest-rank percentiles of the samples that are young enough and still kept", () => {
    const samples = fc.array(fc.record({ afterMs: fc.nat(MINUTE), value: fc.nat(10_000) }), { maxLength: 40 });
    fc.assert(
      fc.property(samples, (list) => {
        let now = 0;
        const recent = new RecentSamples({ maxAgeMs: 5 * MINUTE, capacity: 16, now: () => now });
        const all: { value: number; at: number }[] = [];
        for (const { afterMs, value } of list) {
          now += afterMs;
          recent.add(value);
          all.push({ value, at: now });
        }
        const sorted = all
          .slice(-16)
          .filter(({ at }) => at >= now - 5 * MINUTE)
          .map(({ value }) => value)
          .sort((a, b) => a - b);
        // The smallest value that at least that share of all values does not exceed.
        const rank = (share: number) => sorted.find((_, index) => (index + 1) / sorted.length >= share - 1e-9) ?? null;
        expect(recent.percentiles()).toEqual({ p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) });
      }),
    );
  });

  it("limits percentiles and mean to a shorter window", () => {
    let now = 0;
    const recent = new RecentSamples({ maxAgeMs: 5 * MINUTE, capacity: 16, now: () => now });
    recent.add(100);
    now += 2 * MINUTE;
    recent.add(4);
    expect(recent.percentiles(MINUTE).p95).toBe(4);
    expect(recent.mean(MINUTE)).toBe(4);
    expect(recent.percentiles().p95).toBe(100);
    now += 2 * MINUTE;
    expect(recent.mean(MINUTE)).toBeNull();
    // A window longer than the samples' age ends at that age.
    now += 10 * MINUTE;
    expect(recent.mean(20 * MINUTE)).toBeNull();
  });

  it("has no mean without samples", () => {
    const recent = new RecentSamples({ maxAgeMs: 1, capacity: 2, now: () => 0 });
    expect(recent.mean()).toBeNull();
    for (const value of [1, 2, 4]) recent.add(value);
    expect(recent.mean()).toBe(3);
  });
});

describe("engineLoad", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function engine(page: string, status = 200): Promise<string> {
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/metrics" ? status : 404).end(page);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  const page = (usage: number, waiting: number) => `# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="m"} ${usage}
vllm:num_requests_waiting{engine="0",model_name="m"} ${waiting}.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 99.0
`;

  it("returns the fullest cache and the sum of waiting requests, from beside the OpenAI path", async () => {
    const urls = [await engine(page(0.25, 2)), await engine(page(0.75, 3)), await engine("", 404)];
    expect(await engineLoad(urls)).toEqual({ kvCacheUsage: 0.75, waiting: 5 });
  });

  it("reads an engine of two models once", async () => {
    const url = await engine(page(0.5, 4));
    expect(await engineLoad([url, url])).toEqual({ kvCacheUsage: 0.5, waiting: 4 });
  });

  it("is undefined where no engine has the gauges, or none answers", async () => {
    expect(await engineLoad([await engine("something_else 1\n"), "http://127.0.0.1:1/v1"])).toBeUndefined();
  });

  it("does not match a metric whose name begins with another's", () => {
    expect(metricValues('a_b 1\na 2\na{x="y z"} 3 1700000000\n# a 4\na NaN\n', "a")).toEqual([2, 3]);
  });
});

describe("the gauges for autoscalers", () => {
  async function shown(registry: Registry): Promise<Record<string, number>> {
    const page = await registry.metrics();
    const names = [METRICS.recentTtftP95, METRICS.recentTpot, METRICS.recentTokensPerSecond, METRICS.pendingRequests];
    return Object.fromEntries(names.map((name) => [name, metricValues(page, name)[0] ?? Number.NaN]));
  }

  it("show the last minute in seconds, and fall to 0 when traffic ends", async () => {
    let now = 0;
    const clock = { now: () => now };
    const activity = new ActivityTracker(clock);
    const goodput = new GoodputTracker({ slaTtftMs: 2_000, ...clock });
    const registry = new Registry();
    const engines = { queued: () => 3, baseUrls: () => [] };
    registerRecentMetrics(registry, { activity, goodput, engines });
    const idle = {
      [METRICS.recentTtftP95]: 0,
      [METRICS.recentTpot]: 0,
      [METRICS.recentTokensPerSecond]: 0,
      [METRICS.pendingRequests]: 3,
    };
    expect(await shown(registry)).toEqual(idle);
    now = 100_000;
    for (let request = 1; request <= 100; request += 1) {
      activity.served({ ttftMs: request * 10, tpotMs: 40 });
      goodput.served({ task: "til", model: "m", ttftMs: 1, completionTokens: 6, ok: true });
    }
    expect(await shown(registry)).toEqual({
      ...idle,
      [METRICS.recentTtftP95]: 0.95,
      [METRICS.recentTpot]: 0.04,
      [METRICS.recentTokensPerSecond]: expect.closeTo(600 / 59, 5),
    });
    now += 2 * MINUTE;
    expect(await shown(registry)).toEqual(idle);
  });
});
