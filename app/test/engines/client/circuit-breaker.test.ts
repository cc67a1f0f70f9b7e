import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type EngineVerdict,
} from "../../../src/engines/client/circuit-breaker";
import { ManualClock } from "./manual-clock";

const FAILURES = 5;
const OPEN_MS = 30_000;

type Step =
  | { readonly do: "begin" }
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
      {
        weight: 2,
        arbitrary: fc.constantFrom(1_000, 29_000, 30_000).map((ms): Step[] => [{ do: "wait", ms }]),
      },
    ),
    { minLength: 10, maxLength: 60 },
  )
  .map((parts) => parts.flat());

interface Out {
  readonly end: (verdict: EngineVerdict) => void;
  readonly era: number;
  readonly probe: boolean;
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
          const end = breaker.begin();
          expect(end !== undefined).toBe(expected);
          if (end === undefined) continue;
          if (halfOpen) probing = true;
          out.push({ end, era, probe: halfOpen });
        } else {
          const [ended] = out.splice(now.which % Math.max(1, out.length), 1);
          if (ended === undefined) continue;
          ended.end(now.verdict);
          // A second word changes nothing.
          ended.end("failure");
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

  it("calls onChange, and gives how long it stays open", () => {
    const clock = new ManualClock();
    const states: string[] = [];
    const breaker = new CircuitBreaker({ clock, onChange: () => states.push(breaker.state) });
    for (let failure = 0; failure < FAILURES; failure += 1) breaker.begin()?.("failure");
    clock.advance(29_999);
    expect(breaker.state).toBe("open");
    clock.advance(1);
    expect(breaker.state).toBe("half-open");
    breaker.begin()?.("failure");
    clock.advance(30_000);
    // A probe whose client left leaves the place to the next one.
    breaker.begin()?.("neutral");
    breaker.begin()?.("success");
    expect(states).toEqual(["open", "half-open", "open", "half-open", "half-open", "closed"]);
  });

  it("is closed by proof from elsewhere, and ignores what was sent before", () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ clock });
    const slow = breaker.begin();
    for (let failure = 0; failure < FAILURES; failure += 1) breaker.begin()?.("failure");
    breaker.recovered();
    expect(breaker.state).toBe("closed");
    for (let failure = 0; failure < FAILURES - 1; failure += 1) breaker.begin()?.("failure");
    slow?.("failure");
    expect(breaker.state).toBe("closed");
  });
});
