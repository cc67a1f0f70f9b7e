import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { drawErrand, USUAL_MIX } from "../../../tools/load/errands";
import { type LoadOptions, startLoad } from "../../../tools/load/generator";
import { LoadReport, quantile, type Result } from "../../../tools/load/report";

/** Numbers that are the same in every run (a linear congruential generator, Numerical Recipes' constants). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
}

function options(url: string, results: Result[], more: Partial<LoadOptions> = {}): LoadOptions {
  const onResult = (result: Result) => void results.push(result);
  return { url, ratePerSecond: 100, mix: { news: 1 }, users: 3, random: seeded(7), onResult, ...more };
}

describe("drawErrand", () => {
  it("draws each task as often as the mix says", () => {
    const random = seeded(1);
    const tasks = Array.from({ length: 5_000 }, () => drawErrand(USUAL_MIX, 10, random).task);
    const share = (task: string) => tasks.filter((one) => one === task).length / tasks.length;
    for (const [task, weight] of Object.entries(USUAL_MIX)) expect(share(task)).toBeCloseTo(weight / 10, 1);
  });

  it("never draws a task without a weight, and throws where none has one", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(drawErrand({ news: 0, chat: 1 }, 1, seeded(seed)).task).toBe("chat");
      }),
    );
    expect(() => drawErrand({ news: 0 }, 1, seeded(1))).toThrow(RangeError);
  });

  it("draws bodies that differ, so that no cache answers them", () => {
    const random = seeded(3);
    const bodies = Array.from({ length: 200 }, () => JSON.stringify(drawErrand({ news: 1 }, 1, random).body));
    expect(new Set(bodies).size).toBe(200);
  });
});

describe("startLoad", () => {
  it("sends at its rate however slow the answers are", async () => {
    const waiting: ServerResponse[] = [];
    let patient = true;
    const url = await serve((response) => (patient ? waiting.push(response) : response.end("{}")));
    const results: Result[] = [];
    const started = performance.now();
    const load = startLoad(options(url, results));
    await delay(1_000);
    // A busy machine may end the second late.
    const seconds = (performance.now() - started) / 1_000;
    // A Poisson process of 100 in a second: 5 standard deviations, more of them in a longer time.
    expect(load.inFlight).toBeGreaterThan(50);
    expect(load.inFlight).toBeLessThan(150 * seconds);
    expect(results).toEqual([]);
    patient = false;
    for (const response of waiting) response.end("{}");
    await load.stop(5_000);
    expect(load.inFlight).toBe(0);
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set([200]));
  });

  it("drops requests beyond maxInFlight, and cancels them when it must stop", async () => {
    const url = await serve(() => {});
    const results: Result[] = [];
    const load = startLoad(options(url, results, { maxInFlight: 5 }));
    await delay(200);
    await load.stop();
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "given up")).toHaveLength(5);
    expect(outcomes).toContain("dropped");
  });

  it("distinguishes first tokens, broken streams, refusals and an unreachable server", async () => {
    const event = { "content-type": "text/event-stream" };
    const cases: readonly (readonly [Result["outcome"], (response: ServerResponse) => void])[] = [
      [200, (response) => response.writeHead(200, event).end("data: {}\n\n")],
      ["broken", (response) => response.writeHead(200, event).end("data: {}\n\nevent: error\ndata: {}\n\n")],
      [503, (response) => response.writeHead(503).end("{}")],
      ["unreachable", (response) => response.destroy()],
    ];
    for (const [outcome, answer] of cases) {
      const results: Result[] = [];
      const load = startLoad(options(await serve(answer), results));
      await delay(100);
      await load.stop(1_000);
      expect(results[0]).toMatchObject({ task: "news", outcome });
      expect(results[0]?.ttftMs !== undefined).toBe(outcome === 200 || outcome === "broken");
    }
  });
});

describe("LoadReport", () => {
  it("counts the results since the last line, and all of them in the summary", () => {
    const report = new LoadReport();
    report.add({ task: "news", outcome: 200, durationMs: 900, ttftMs: 100 });
    report.add({ task: "til", outcome: 503, durationMs: 5 });
    expect(report.line(4)).toBe("2 answers · 1 × 200, 1 × 503 · 4 in flight · first token p50 100 ms, p95 100 ms");
    expect(report.line(0)).toBe("0 answers · 0 in flight");
    const rows = report.summary().split("\n");
    expect(rows.map((row) => row.split(/ {2,}/)).slice(2)).toEqual([
      ["news", "1", "1", "100 ms", "100 ms", "900 ms"],
      ["til", "1", "0", "-", "-", "-", "1 × 503"],
      ["all", "2", "1", "100 ms", "100 ms", "900 ms", "1 × 503"],
    ]);
  });

  it("reports quantiles that are values with at least that share at or below them", () => {
    expect(quantile([], 0.5)).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = quantile(values, share) ?? Number.NaN;
        expect(values).toContain(found);
        const atMost = values.filter((value) => value <= found).length;
        expect(atMost).toBeGreaterThanOrEqual(share * values.length);
        expect(values.filter((value) => value < found).length).toBeLessThanOrEqual(Math.max(0, share * values.length));
      }),
    );
  });
});
