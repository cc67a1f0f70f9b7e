import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Answer } from "../../bench/gateway/answer";
import { cpuSeconds } from "../../bench/gateway/cpu-seconds";
import { type Measured, report } from "../../bench/gateway/report";
import { ending } from "../engines/client/pool";
import { chunk } from "../support/engine";

const HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

function chunked(...parts: readonly string[]): string {
  const framed = parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  return `${framed.join("")}0\r\n\r\n`;
}

/** Feeds bytes in pieces. @returns the answer, and after how many bytes it was complete */
function fed(text: string, cuts: readonly number[]) {
  const bytes = Buffer.from(text);
  const edges = [...new Set([...cuts.filter((at) => at > 0 && at < bytes.length), bytes.length])].sort((a, b) => a - b);
  const answer = new Answer();
  let complete: number | undefined;
  let at = 0;
  for (const edge of edges) {
    if (answer.push(bytes.subarray(at, edge))) complete ??= edge;
    at = edge;
  }
  return { answer, complete, length: bytes.length };
}

describe("the gateway bench's reader of answers", () => {
  const words = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { minLength: 1, maxLength: 8 });

  it("reads the end and every event, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(words, fc.array(fc.nat(2_000)), (texts, cuts) => {
        const events = [...texts.map((text) => chunk(text)), ": ping\n\n", ending(texts.length)];
        const { answer, complete, length } = fed(HEAD + chunked(...events), cuts);
        expect(complete).toBe(length);
        // The words, the finish, the usage and [DONE].
        const said = { text: texts.join(""), events: texts.length + 3, completionTokens: texts.length };
        expect(answer.read()).toEqual(said);
        expect(answer.began).toBe(true);
      }),
    );
  });

  it.each([
    ["another status", HEAD.replace("200 OK", "502 Bad Gateway") + chunked("{}")],
    ["no [DONE]", HEAD + chunked(chunk("x"))],
    ["an event that is no JSON", HEAD + chunked("data: {\n\n", ending(1))],
    ["a body without chunks", `${HEAD}nothing`],
  ])("throws on a wrong answer: %s", (_name, text) => {
    expect(() => {
      const { answer } = fed(text, []);
      answer.countEvents();
      answer.read();
    }).toThrow();
  });
});

describe("cpuSeconds", () => {
  it("returns what the process itself counts", () => {
    const before = cpuSeconds(process.pid);
    const { user, system } = process.cpuUsage();
    const used = () => {
      const since = process.cpuUsage({ user, system });
      return (since.user + since.system) / 1e6;
    };
    while (used() < 0.2);
    // Two readings, each of which may be a tick short.
    expect(cpuSeconds(process.pid) - before).toBeCloseTo(used(), 1);
  });

  it("throws for a process that does not exist", () => {
    expect(() => cpuSeconds(2 ** 30)).toThrow("ENOENT");
  });
});

describe("the gateway bench's report", () => {
  const measured = (perCpu: readonly number[], p50: number): Measured => ({
    throughput: perCpu.map((requestsPerCpuSecond) => ({ requestsPerSecond: 100, requestsPerCpuSecond, cores: 0.5 })),
    latency: perCpu.map(() => ({ firstP50: p50 / 2, p50, p99: p50 * 3 })),
  });
  const results = {
    direct: measured([9, 9, 9], 1),
    bare: measured([1_000, 2_000, 4_000], 1.1),
    // Each round's own ratio: 0.7, 0.6, 0.8; of the medians it would be 0.6.
    gateway: measured([700, 1_200, 3_200], 1.5),
    logging: measured([500, 1_000, 2_000], 1.6),
  };
  const last = (text: string): unknown => JSON.parse(text.split("\n").at(-1) ?? "");

  it("compares round by round", () => {
    expect(last(report({ ...results, fastapi: measured([100, 150, 320], 9) }))).toEqual({
      bench: "gateway",
      vs_fastapi: 8,
      vs_bare_node: 0.7,
      added_p50_ms: 0.5,
      added_p99_ms: 1.5,
    });
  });

  it("has null for FastAPI where Python could not be had", () => {
    expect(last(report(results))).toMatchObject({ vs_fastapi: null, vs_bare_node: 0.7 });
  });
});
