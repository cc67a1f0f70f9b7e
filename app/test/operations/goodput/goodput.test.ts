import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Registry } from "prom-client";
import {
  type Goodput,
  GoodputTracker,
  type ServedRequest,
  WINDOWS,
} from "../../../src/operations/goodput/goodput-tracker";

const SLA_MS = 2_000;

interface Timed extends ServedRequest {
  /** Milliseconds since the tracker was made. */
  readonly at: number;
}

/** What the tracker should return, summed over every event again. */
function naive(events: readonly Timed[], now: number, windowSeconds: number): Goodput {
  const second = Math.floor(now / 1000);
  const inside = events.filter(({ at }) => Math.floor(at / 1000) > second - windowSeconds);
  const span = Math.max(1, Math.min(now / 1000, windowSeconds - 1 + (now / 1000 - second)));
  const good = inside.filter(({ ok, ttftMs }) => ok && ttftMs !== undefined && ttftMs < SLA_MS);
  const judged = inside.filter(({ ok, ttftMs }) => !ok || ttftMs !== undefined);
  const tokens = (list: readonly Timed[]) => list.reduce((sum, event) => sum + event.completionTokens, 0);
  return {
    throughputTps: tokens(inside) / span,
    goodputTps: tokens(good) / span,
    slaComplianceRate: judged.length === 0 ? null : good.length / judged.length,
    requests: judged.length,
  };
}

const event = fc.record({
  /** Mostly close together, sometimes hours apart. */
  afterMs: fc.oneof(fc.nat(3_000), fc.nat(90_000), fc.integer({ min: 290_000, max: 310_000 }), fc.nat(10_000_000)),
  ttftMs: fc.option(fc.nat(4_000), { nil: undefined }),
  completionTokens: fc.nat(2_000),
  ok: fc.boolean(),
});

/**
 * Plays events to a tracker and compares it, after each and after a last pause, with the sums over every event.
 * @param skew how fast the tracker's clock goes; not 1 makes it wrong
 */
function checkAgreement(skew = 1): void {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.nat(400_000), (events, lastPause) => {
      let at = 0;
      const tracker = new GoodputTracker({ slaTtftMs: SLA_MS, now: () => 1_234 + at * skew });
      const seen: Timed[] = [];
      const agree = () => {
        expect(tracker.oneMinute).toEqual(naive(seen, at, WINDOWS.oneMinute));
        expect(tracker.fiveMinutes).toEqual(naive(seen, at, WINDOWS.fiveMinutes));
      };
      for (const { afterMs, ...served } of events) {
        at += afterMs;
        const request = { task: "til", model: "m", ...served } as const;
        tracker.served(request);
        seen.push({ ...request, at });
        agree();
      }
      at += lastPause;
      agree();
    }),
    { numRuns: 300 },
  );
}

describe("GoodputTracker", () => {
  it("returns the sums of all events of each window, whatever the pauses between them", () => {
    checkAgreement();
  });

  it("fails that check with windows that are a little too long, or too short", () => {
    for (const skew of [0.98, 1.02]) expect(() => checkAgreement(skew)).toThrow("Property failed");
  });

  it("counts each event once over its lifetime", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
        let at = 0;
        const made = new GoodputTracker({ slaTtftMs: SLA_MS, now: () => 1_234 + at });
        for (const { afterMs, ...served } of events) {
          at += afterMs;
          made.served({ task: "news", model: "m", ...served });
        }
        const seen = events.map((served) => ({ task: "news", model: "m", at: 0, ...served }) as const);
        const span = Math.max(1, at / 1000);
        const { slaComplianceRate, requests } = naive(seen, 0, 60);
        expect(made.lifetime.requests).toBe(requests);
        expect(made.lifetime.slaComplianceRate).toBe(slaComplianceRate);
        expect(made.lifetime.throughputTps * span).toBeCloseTo(
          events.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
          3,
        );
      }),
    );
  });

  it("counts a request at the target and a failed one as missed", () => {
    const tracker = new GoodputTracker({ slaTtftMs: SLA_MS, now: () => 0 });
    const request = { task: "til", model: "m", completionTokens: 10 } as const;
    tracker.served({ ...request, ttftMs: SLA_MS - 1, ok: true });
    tracker.served({ ...request, ttftMs: SLA_MS, ok: true });
    tracker.served({ ...request, ttftMs: 5, ok: false });
    tracker.served({ ...request, ok: true });
    expect(tracker.oneMinute).toEqual({ throughputTps: 40, goodputTps: 10, slaComplianceRate: 1 / 3, requests: 3 });
  });

  it("has no SLA share before the first request, rather than 0 % or 100 %", () => {
    const tracker = new GoodputTracker({ slaTtftMs: SLA_MS });
    expect(tracker.fiveMinutes).toEqual({ throughputTps: 0, goodputTps: 0, slaComplianceRate: null, requests: 0 });
  });

  it("increments the counters of the contract", async () => {
    const registry = new Registry();
    const tracker = new GoodputTracker({ slaTtftMs: SLA_MS });
    tracker.register(registry);
    tracker.served({ task: "til", model: "m", ttftMs: 10, completionTokens: 7, ok: true });
    tracker.served({ task: "til", model: "m", ttftMs: 5_000, completionTokens: 9, ok: true });
    const text = await registry.metrics();
    expect(text).toContain('gateway_goodput_tokens_total{model="m"} 7');
    expect(text).toContain('gateway_sla_requests_total{task="til",met="true"} 1');
    expect(text).toContain('gateway_sla_requests_total{task="til",met="false"} 1');
  });
});
