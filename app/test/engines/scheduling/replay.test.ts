import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { BASE, POLICIES, SUBJECT } from "../../../bench/scheduler/policies";
import { Random } from "../../../bench/scheduler/random";
import { replay } from "../../../bench/scheduler/replay";
import { statisticsOf } from "../../../bench/scheduler/statistics";
import { promptLength, readTrace } from "../../../bench/scheduler/trace";
import { generateTrace } from "../../../bench/scheduler/workload";

const folder = mkdtempSync(join(tmpdir(), "terrace-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

const workload = { seed: 7, sessionsPerSecond: 0.6, seconds: 120, batches: true };

function run(policy: string) {
  const chosen = POLICIES[policy];
  if (chosen === undefined) throw new Error(`there is no policy ${policy}`);
  return replay({ trace: generateTrace(workload), engines: 2, policy: chosen, enginePriority: false });
}

describe("a generated trace", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(generateTrace(workload)).toEqual(generateTrace(workload));
    expect(generateTrace({ ...workload, seed: 8 })).not.toEqual(generateTrace(workload));
  });

  it("has the lengths of the routes", () => {
    const { requests } = generateTrace({ ...workload, seconds: 3_600 });
    const bounds = { til: [3_000, 6_000], news: [1_000, 3_000], interview: [1_000, 2_000], reviews: [3_600, 4_000] };
    for (const [task, [low = 0, high = 0]] of Object.entries(bounds)) {
      const lengths = requests.filter((request) => request.task === task).map(promptLength);
      expect(lengths.length).toBeGreaterThan(50);
      expect([Math.min(...lengths) >= low, Math.max(...lengths) <= high]).toEqual([true, true]);
    }
    const chat = requests.filter(({ task }) => task === "chat").map(promptLength);
    expect(Math.max(...chat)).toBeLessThanOrEqual(2_000);
  });

  it("draws gaps of the given mean and spread", () => {
    const random = new Random(1);
    const gaps = Array.from({ length: 40_000 }, () => random.gamma(0.25, 10));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(10, 0);
    expect(Math.sqrt(variance) / mean).toBeCloseTo(2, 1);
  });
});

describe("a recorded trace", () => {
  it("is read in order of arrival, and errors in it are named", () => {
    const request = {
      task: "chat",
      class: "interactive",
      prompt: [{ id: "a", tokens: 9 }],
      answerTokens: 3,
      maxTokens: 9,
    };
    const path = join(folder, "trace.json");
    writeFileSync(
      path,
      JSON.stringify({
        requests: [
          { atMs: 5, ...request },
          { atMs: 1, ...request },
        ],
      }),
    );
    expect(readTrace(path).requests.map(({ atMs }) => atMs)).toEqual([1, 5]);
    writeFileSync(path, JSON.stringify({ requests: [{ atMs: 5, ...request, class: "vip" }] }));
    expect(() => readTrace(path)).toThrow(/no trace[\s\S]*class/);
  });
});

describe("a replay", () => {
  it("serves every request once, in the same time each time, short ones sooner by ours than by arrival", async () => {
    const [first, again, byArrival] = [await run(SUBJECT), await run(SUBJECT), await run(BASE)];
    expect(first).toHaveLength(generateTrace(workload).requests.length);
    const [ours, fifo] = [statisticsOf(first), statisticsOf(byArrival)];
    expect(statisticsOf(again)).toEqual(ours);
    expect(ours.short.mean).toBeLessThan(0.8 * fifo.short.mean);
    expect(ours.sla).toBeGreaterThan(fifo.sla);
  });
});
