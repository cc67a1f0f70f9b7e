import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { paceOf, type RateLimit, takeOne } from "../../src/stores/coordination/gcra";

const limits = fc.record({ events: fc.integer({ min: 1, max: 50 }), windowMs: fc.integer({ min: 1, max: 3_600_000 }) });
/** Milliseconds between events. */
const gaps = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 200 });

/** Moments, in microseconds, of the events that were allowed, and every result. */
function play(limit: RateLimit, gapsMs: readonly number[]) {
  const pace = paceOf(limit);
  let paidUntilUs: number | undefined;
  let nowUs = 1_000_000;
  return gapsMs.map((gap) => {
    nowUs += gap * 1000;
    const taken = takeOne(paidUntilUs, nowUs, pace);
    paidUntilUs = taken.paidUntilUs;
    return { atUs: nowUs, ...taken };
  });
}

describe("GCRA", () => {
  it("never allows more than the burst plus what is worked off meanwhile", () => {
    fc.assert(
      fc.property(limits, gaps, (limit, gapsMs) => {
        const { intervalUs } = paceOf(limit);
        const at = play(limit, gapsMs).flatMap(({ atUs, result }) => (result.allowed ? [atUs] : []));
        for (const [first, from] of at.entries()) {
          for (let last = first; last < at.length; last += 1) {
            const elapsedUs = (at[last] ?? 0) - from;
            expect(last - first + 1).toBeLessThanOrEqual(limit.events + Math.floor(elapsedUs / intervalUs));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("allows exactly the remaining calls, and not before the retry time", () => {
    fc.assert(
      fc.property(limits, gaps, (limit, gapsMs) => {
        const pace = paceOf(limit);
        const last = play(limit, gapsMs).at(-1);
        if (last === undefined) return;
        const { atUs, result } = last;
        let { paidUntilUs } = last;
        for (let left = result.remaining; left > 0; left -= 1) {
          const next = takeOne(paidUntilUs, atUs, pace);
          expect(next.result).toMatchObject({ allowed: true, remaining: left - 1 });
          paidUntilUs = next.paidUntilUs;
        }
        const refused = takeOne(paidUntilUs, atUs, pace);
        expect(refused.result.allowed).toBe(false);
        const { retryAfterMs } = refused.result;
        expect(takeOne(paidUntilUs, atUs + retryAfterMs * 1000, pace).result.allowed).toBe(true);
        expect(takeOne(paidUntilUs, atUs + (retryAfterMs - 1) * 1000, pace).result.allowed).toBe(false);
      }),
    );
  });

  it("starts anew once all is worked off", () => {
    fc.assert(
      fc.property(limits, gaps, (limit, gapsMs) => {
        const last = play(limit, gapsMs).at(-1);
        const restedUs = (last?.atUs ?? 0) + (last?.result.resetMs ?? 0) * 1000;
        const { result } = takeOne(last?.paidUntilUs, restedUs, paceOf(limit));
        expect(result).toMatchObject({ allowed: true, remaining: limit.events - 1 });
      }),
    );
  });
});
