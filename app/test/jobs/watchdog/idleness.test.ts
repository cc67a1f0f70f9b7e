import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type IdleLimits, judgeIdleness, type Reading } from "../../../src/jobs/watchdog/idleness";
import type { MachineControl } from "../../../src/jobs/watchdog/machine-control";
import { watch } from "../../../src/jobs/watchdog/watchdog";

const LIMITS: IdleLimits = { checks: 5, everySeconds: 60, gpuPercent: 5, minUptimeSeconds: 600 };

const quiet: fc.Arbitrary<Reading> = fc.record({
  gpuPercent: fc.integer({ min: 0, max: 5 }),
  requests: fc.constant(0),
  underWay: fc.constant(0),
});

/** A reading in which one thing is not as it must be. */
const other: fc.Arbitrary<Reading> = fc
  .tuple(
    quiet,
    fc.oneof(
      fc.record({ gpuPercent: fc.integer({ min: 6, max: 100 }) }),
      fc.record({ requests: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ underWay: fc.integer({ min: 1, max: 50 }) }),
      fc.constantFrom<Partial<Reading>>({ gpuPercent: undefined }, { requests: undefined }, { underWay: undefined }),
      fc.constant({ gpuPercent: Number.NaN }),
    ),
  )
  .map(([reading, change]) => ({ ...reading, ...change }));

const uptime = fc.integer({ min: 600, max: 100_000 });

/** What any judge must keep to. */
function holds(judged: typeof judgeIdleness): void {
  const five = fc.array(quiet, { minLength: 5, maxLength: 5 });
  const before = fc.array(fc.oneof(quiet, other), { maxLength: 8 });
  const idle = (readings: readonly Reading[], uptimeSeconds: number | undefined) =>
    judged({ readings, uptimeSeconds }, LIMITS).idle;
  fc.assert(
    fc.property(
      before,
      five,
      uptime,
      fc.nat(4),
      other,
      fc.integer({ min: 0, max: 599 }),
      (old, last, up, at, one, young) => {
        // Rest for so many checks is idle, whatever was before.
        expect(idle([...old, ...last], up)).toBe(true);
        // One of these checks with work, or without a reading, is enough.
        expect(idle([...old, ...last.with(at, one)], up)).toBe(false);
        expect(idle(last.slice(1), up)).toBe(false);
        expect(idle([...old, ...last], young)).toBe(false);
        expect(idle([...old, ...last], undefined)).toBe(false);
      },
    ),
  );
}

describe("judgeIdleness", () => {
  it("requires rest in each of the last checks, long after the start", () => {
    holds(judgeIdleness);
  });

  it("differs from planted judges that are a little wrong", () => {
    const known = ({ gpuPercent = 0, requests = 0, underWay = 0 }: Reading): Reading => ({
      gpuPercent,
      requests,
      underWay,
    });
    const mistakes: Record<string, typeof judgeIdleness> = {
      "takes what it does not know for rest": (seen, limits) =>
        judgeIdleness({ ...seen, readings: seen.readings.map(known) }, limits),
      "looks at one check too few": (seen, limits) => judgeIdleness(seen, { ...limits, checks: 4 }),
      "looks at the GPU alone": (seen, limits) =>
        judgeIdleness(
          { ...seen, readings: seen.readings.map((reading) => ({ ...reading, requests: 0, underWay: 0 })) },
          limits,
        ),
      "looks at requests alone": (seen, limits) =>
        judgeIdleness({ ...seen, readings: seen.readings.map((reading) => ({ ...reading, gpuPercent: 0 })) }, limits),
      "stops what has just started": (seen, limits) => judgeIdleness(seen, { ...limits, minUptimeSeconds: 0 }),
      "never stops anything": () => ({ idle: false, why: "no" }),
    };
    for (const [mistake, wrong] of Object.entries(mistakes)) {
      expect(() => {
        holds(wrong);
        throw new Error(`not caught: ${mistake}`);
      }).not.toThrow("not caught");
    }
  });

  it("returns why not, the newest reason first", () => {
    const rest = { gpuPercent: 0, requests: 0, underWay: 0 };
    const why = (readings: readonly Reading[]) => {
      const verdict = judgeIdleness({ readings, uptimeSeconds: 5_000 }, LIMITS);
      return verdict.idle ? "idle" : verdict.why;
    };
    expect(why([{ ...rest, requests: 2 }, rest, { ...rest, gpuPercent: 63 }, rest, rest])).toBe(
      "GPU at 63 %, 120 s ago",
    );
    expect(why([rest, rest, rest, rest, { ...rest, underWay: 3 }])).toBe("3 requests under way");
    expect(why([rest])).toBe("only 1 of 5 checks");
  });
});

describe("watch over machines whose work comes and goes", () => {
  /** What a machine does in each minute: the requests under way. */
  const timeline = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 3), { minLength: 12, maxLength: 40 });
  /** Whether work arrives in the moments between the look at the past and the stop. */
  const surprise = fc.boolean();

  /** Runs the watchdog every minute. @returns machines that were stopped with work under way */
  async function violations(minutes: readonly number[], surprised: boolean, recheck: boolean): Promise<number> {
    let violated = 0;
    let minute = 0;
    let stopped = false;
    let arrived = false;
    const control: MachineControl = {
      floor: 0,
      targets: async () =>
        stopped
          ? []
          : [
              {
                name: "vm",
                matchers: "",
                gateways: [],
                startedAt: undefined,
                action: "stop",
                stop: async () => {
                  stopped = true;
                  if (arrived || (minutes[minute] ?? 0) > 0) violated += 1;
                  return "stopped";
                },
              },
            ],
    };
    for (minute = 0; minute < minutes.length; minute += 1) {
      arrived = false;
      await watch({
        control,
        limits: LIMITS,
        dryRun: false,
        print: () => {},
        seen: async () => {
          const past = minutes.slice(Math.max(0, minute - 5), minute);
          const readings = past.map((underWay) => ({
            gpuPercent: underWay > 0 ? 90 : 1,
            requests: underWay,
            underWay,
          }));
          arrived = surprised;
          return { readings, uptimeSeconds: 600 + minute * 60 };
        },
        busyNow: async () => {
          if (!recheck) return undefined;
          return arrived || (minutes[minute] ?? 0) > 0 ? "at work" : undefined;
        },
      });
    }
    return violated;
  }

  it("stops no machine at work, whenever the work comes", async () => {
    await fc.assert(
      fc.asyncProperty(timeline, surprise, async (minutes, surprised) => {
        expect(await violations(minutes, surprised, true)).toBe(0);
      }),
    );
  });

  it("would stop one at work without the last look", async () => {
    const unguarded = fc.asyncProperty(timeline, surprise, async (minutes, surprised) => {
      expect(await violations(minutes, surprised, false)).toBe(0);
    });
    await expect(fc.assert(unguarded, { numRuns: 1_000 })).rejects.toThrow();
  });
});
