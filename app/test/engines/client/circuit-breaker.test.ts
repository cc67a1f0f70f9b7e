import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type EngineVerdict,
  type GuardedRequest,
} from "../../../src/engines/client/circuit-breaker";
import { ManualClock } from "./manual-clock";

const FAILURES = 5;
const OPEN_MS = 30_000;

type Step =
  | { readonly do: "begin" }
  /** The answer of a request begins. */
  | { readonly do: "answer"; readonly which: number }
  | { readonly do: "end"; readonly which: number; readonly verdict: EngineVerdict }
  | { readonly do: "wait"; readonly ms: number };

const begin: Step = { do: "begin" };
// Failures in a row have to come up often enough to open anything.
const verdict = fc.constantFrom<EngineVerdict>(
  "failure",
  "failure",
  "failure",
  "failure",
  "failure",
  "success",
  "neutral",
);
const end = fc.record({ do: fc.constant("end" as const), which: fc.nat(), verdict });
const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: end.map((ended) => [begin, ended]) },
      { weight: 1, arbitrary: fc.constant([begin]) },
      { weight: 1, arbitrary: end.map((ended) => [ended]) },
      { weight: 2, arbitrary: fc.nat().map((which): Step[] => [{ do: "answer", which }]) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(1_000, 29_000, 30_000).map((ms): Step[] => [{ do: "wait", ms }]),
      },
    ),
    { minLength: 10, maxLength: 60 },
  )
  .map((parts) => parts.flat());

interface Out {
  readonly request: GuardedRequest;
  readonly era: number;
  probe: boolean;
}

/** Drives a breaker at random and checks, from outcomes alone, when it may let a request through. */
function check(make: (options: CircuitBreakerOptions) => CircuitBreaker): void {
  fc.assert(
    fc.property(steps, (trace) => {
      const clock = new ManualClock();
      const breaker = make({ clock });
      const out: Out[] = [];
      // The model: since when it is open, and how many requests of this era failed in a row.
      let openedAt: number | undefined;
      let era = 0;
      let inARow = 0;
      let probing = false;
      for (const now of trace) {
        const halfOpen = openedAt !== undefined && clock.now() >= openedAt + OPEN_MS;
        const expected = openedAt === undefined || (halfOpen && !probing);
        expect(breaker.available).toBe(expected);
        expect(breaker.state).toBe(openedAt === undefined ? "closed" : halfOpen ? "half-open" : "open");
        if (now.do === "wait") clock.advance(now.ms);
        else if (now.do === "begin") {
          const request = breaker.begin();
          expect(request !== undefined).toBe(expected);
          if (request === undefined) continue;
          if (halfOpen) probing = true;
          out.push({ request, era, probe: halfOpen });
        } else if (now.do === "answer") {
          const begun = out[now.which % Math.max(1, out.length)];
          begun?.request.begun();
          if (begun?.era !== era || !begun.probe) continue;
          // From here on it is a request like any other.
          begun.probe = false;
          probing = false;
          openedAt = undefined;
          inARow = 0;
        } else {
          const [ended] = out.splice(now.which % Math.max(1, out.length), 1);
          if (ended === undefined) continue;
          ended.request.ended(now.verdict);
          // A second word changes nothing.
          ended.request.ended("failure");
          ended.request.begun();
          if (ended.era !== era) continue;
          if (ended.probe) probing = false;
          if (now.verdict === "success") {
            inARow = 0;
            openedAt = undefined;
          } else if (now.verdict === "failure") {
            inARow += 1;
            if (ended.probe || inARow >= FAILURES) {
              openedAt = clock.now();
              era += 1;
              inARow = 0;
              probing = false;
            }
          }
        }
      }
    }),
    { numRuns: 400 },
  );
}

describe("CircuitBreaker", () => {
  it("opens after five failures in a row, takes one probe at a time after 30 s, and is closed by a success", () => {
    check((options) => new CircuitBreaker(options));
  });

  it.each<[string, Partial<CircuitBreakerOptions>]>([
    ["opens too late", { failures: 6 }],
    ["opens too soon", { failures: 4 }],
    ["stays open too long", { openMs: 31_000 }],
  ])("is not taken for right when it %s", (_name, wrong) => {
    expect(() => check((options) => new CircuitBreaker({ ...options, ...wrong }))).toThrow();
  });

  it("would fail the model check if it let every request probe", () => {
    class Careless extends CircuitBreaker {
      override get available(): boolean {
        return this.state !== "open";
      }
    }
    expect(() => check((options) => new Careless(options))).toThrow();
  });

  it.each<[string, (request: GuardedRequest) => GuardedRequest]>([
    ["waited for a probe's end", ({ ended }) => ({ begun: () => {}, ended })],
    [
      "forgot a request's break after its answer had begun",
      ({ begun, ended }) => {
        let isBegun = false;
        return {
          begun: () => {
            isBegun = true;
            begun();
          },
          ended: (verdict) => ended(isBegun && verdict === "failure" ? "neutral" : verdict),
        };
      },
    ],
    [
      "took the beginning of any answer for a success",
      ({ begun, ended }) => ({
        begun: () => {
          begun();
          ended("success");
        },
        ended,
      }),
    ],
  ])("would fail the model check if it %s", (_name, spoil) => {
    class Wrong extends CircuitBreaker {
      override begin(): GuardedRequest | undefined {
        const request = super.begin();
        return request && spoil(request);
      }
    }
    expect(() => check((options) => new Wrong(options))).toThrow();
  });

  it("is closed by the first token of a probe, whose later break is the first of a new row", () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ clock });
    for (let failure = 0; failure < FAILURES; failure += 1) breaker.begin()?.ended("failure");
    clock.advance(OPEN_MS);
    const probe = breaker.begin();
    expect(breaker.available).toBe(false);
    probe?.begun();
    expect([breaker.state, breaker.available]).toEqual(["closed", true]);
    probe?.ended("failure");
    for (let failure = 1; failure < FAILURES - 1; failure += 1) breaker.begin()?.ended("failure");
    expect(breaker.state).toBe("closed");
    breaker.begin()?.ended("failure");
    expect(breaker.state).toBe("open");
  });

  it("calls onChange, and gives how long it stays open", () => {
    const clock = new ManualClock();
    const states: string[] = [];
    const breaker = new CircuitBreaker({ clock, onChange: () => states.push(breaker.state) });
    for (let failure = 0; failure < FAILURES; failure += 1) breaker.begin()?.ended("failure");
    clock.advance(29_999);
    expect(breaker.state).toBe("open");
    clock.advance(1);
    expect(breaker.state).toBe("half-open");
    breaker.begin()?.ended("failure");
    clock.advance(30_000);
    // A probe whose client left leaves the place to the next one.
    breaker.begin()?.ended("neutral");
    breaker.begin()?.ended("success");
    expect(states).toEqual(["open", "half-open", "open", "half-open", "half-open", "closed"]);
  });

  it("is closed by proof from elsewhere, and ignores what was sent before", () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ clock });
    const slow = breaker.begin();
    for (let failure = 0; failure < FAILURES; failure += 1) breaker.begin()?.ended("failure");
    breaker.recovered();
    expect(breaker.state).toBe("closed");
    for (let failure = 0; failure < FAILURES - 1; failure += 1) breaker.begin()?.ended("failure");
    slow?.ended("failure");
    expect(breaker.state).toBe("closed");
  });
});
