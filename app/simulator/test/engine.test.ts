import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Gpu, type GpuOptions } from "../src/gpu";
import { cachedPrompt } from "../src/kv-cache";
import type { EndReason, Sequence } from "../src/sequence";
import { kvCacheBytes, L4_GEMMA_12B, stepDurationMs } from "../src/timing";
import { VirtualClock } from "./virtual-clock";

interface Asked {
  readonly prompt: number;
  readonly answer: number;
  readonly priority?: number;
  readonly adapter?: string;
  /** The prompt's text; prompts of one text begin alike. */
  readonly text?: string;
}

/** An engine on a clock that only the test moves, and what became of each sequence. */
function engine(options: Partial<GpuOptions> = {}) {
  const clock = new VirtualClock();
  const preempted: Sequence[] = [];
  const observer = {
    started() {},
    preempted: (sequence: Sequence) => void preempted.push(sequence),
    stepped() {},
    generated() {},
    ended() {},
  };
  const gpu = new Gpu({ speed: 1, clock, observer, ...options });
  const add = ({ prompt, answer, priority = 0, adapter, text = "" }: Asked) => {
    const at: number[] = [];
    const ends: EndReason[] = [];
    const tokens = Array.from({ length: prompt }, (_, index) => `${text}${index}`);
    const sequence = gpu.add(
      {
        prompt: cachedPrompt(tokens, L4_GEMMA_12B.blockTokens),
        answerTokens: answer,
        endReason: "stop",
        maxTokens: answer,
        priority,
        adapter,
      },
      {
        tokens: (from, to) => at.push(...Array.from({ length: to - from }, () => clock.now())),
        ended: (reason) => ends.push(reason),
      },
    );
    return { sequence, at, ends };
  };
  const submit = (asked: Asked) => {
    const run = add(asked);
    gpu.run();
    return run;
  };
  return { clock, gpu, add, submit, preempted };
}

describe("the simulated L4's pace", () => {
  it("is the time that the weights, the cache and the prompts take", () => {
    expect(1_000 / stepDurationMs({ prefillTokens: 0, decodeSeqs: 1 })).toBeCloseTo(37.5, 1);
    // Published for w4a16 on GKE: 446 tokens/s.
    expect(30_000 / stepDurationMs({ prefillTokens: 0, decodeSeqs: 30 })).toBeCloseTo(457, 0);
    expect(stepDurationMs({ prefillTokens: 2_500, decodeSeqs: 0 })).toBe(1_000);
    expect(stepDurationMs({ prefillTokens: 0, decodeSeqs: 0 })).toBe(0);
    expect(kvCacheBytes(1_024) / 2 ** 20).toBe(384);
    expect(kvCacheBytes(4_096) / 2 ** 20).toBe(576);
  });

  it("never gets better with more to do", () => {
    const load = fc.record({ prefillTokens: fc.nat(4_096), decodeSeqs: fc.nat(64) });
    fc.assert(
      fc.property(load, fc.nat(500), fc.nat(8), ({ prefillTokens, decodeSeqs }, tokens, seqs) => {
        const more = { prefillTokens: prefillTokens + tokens, decodeSeqs: decodeSeqs + seqs };
        expect(stepDurationMs(more)).toBeGreaterThanOrEqual(stepDurationMs({ prefillTokens, decodeSeqs }));
      }),
    );
  });

  it("sets a stream's times: the prompt, then a step a token", () => {
    const { clock, submit } = engine();
    const { at, ends } = submit({ prompt: 1_000, answer: 20 });
    clock.run();
    expect(at).toHaveLength(20);
    expect(at[0]).toBeCloseTo(400);
    const step = stepDurationMs({ prefillTokens: 0, decodeSeqs: 1, decodeKvBytes: kvCacheBytes(1_010) });
    expect((at[19] ?? 0) - (at[0] ?? 0)).toBeCloseTo(19 * step, 0);
    expect(ends).toEqual(["stop"]);
  });

  it("is shared by a batch: thirty streams together get twelve times what one gets", () => {
    const rate = (streams: number) => {
      const { clock, add, gpu } = engine({ kvCacheBytes: 2 ** 40 });
      const runs = Array.from({ length: streams }, (_, index) =>
        add({ prompt: 1_024, answer: 100, text: `${index} ` }),
      );
      gpu.run();
      clock.run();
      // The last to come in: while it gets its first tokens, all of them run.
      const [first = 0, second = 0] = runs.at(-1)?.at ?? [];
      return (streams * 1_000) / (second - first);
    };
    expect(rate(1)).toBeCloseTo(37.5, 0);
    expect(rate(30)).toBeGreaterThan(440);
    expect(rate(30)).toBeLessThan(460);
  });

  it("is kept in real time too, and times faster than an L4", async () => {
    const gpu = new Gpu({ speed: 10 });
    const started = performance.now();
    await new Promise<void>((resolve) => {
      const request = {
        prompt: { length: 250, blocks: [] },
        answerTokens: 20,
        endReason: "stop",
        maxTokens: 20,
      } as const;
      gpu.add({ ...request, priority: 0 }, { tokens() {}, ended: () => resolve() });
      gpu.run();
    });
    const took = performance.now() - started;
    // 100 ms to read the prompt and 26 ms for each further token, ten times faster.
    expect(took).toBeGreaterThanOrEqual(57);
    expect(took).toBeLessThan(200);
  });
});

describe("Batch", () => {
  it("reads a long prompt in chunks, between which the others get their tokens", () => {
    const { clock, gpu, submit } = engine();
    const short = submit({ prompt: 10, answer: 12 });
    clock.run(60);
    const long = submit({ prompt: 6_000, answer: 1 });
    clock.run();
    const [longFirst = 0] = long.at;
    const during = short.at.filter((moment) => moment > 60 && moment < longFirst);
    expect(during.length).toBeGreaterThanOrEqual(2);
    expect(gpu.kvCacheUsage).toBe(0);
  });

  it("runs at most its number of sequences; one that leaves frees its place", () => {
    const { clock, gpu, submit } = engine({ maxSequences: 2 });
    const runs = [1, 2, 3].map((index) => submit({ prompt: 10, answer: 1_000, text: `${index} ` }));
    clock.run(200);
    expect([gpu.running.length, gpu.waiting.length]).toEqual([2, 1]);
    for (const { sequence } of runs.slice(0, 2)) gpu.abort(sequence);
    expect(runs[0]?.ends).toEqual(["abort"]);
    clock.run(400);
    expect(gpu.running).toEqual([runs[2]?.sequence]);
    expect(runs[2]?.at.length).toBeGreaterThan(0);
  });

  it.each([
    ["fcfs", ["late", "urgent"]],
    ["priority", ["urgent", "late"]],
  ] as const)("takes those that wait in order: %s", (policy, order) => {
    const { clock, submit } = engine({ maxSequences: 1, policy });
    submit({ prompt: 10, answer: 5 });
    const late = submit({ prompt: 10, answer: 5, priority: 5, text: "late" });
    const urgent = submit({ prompt: 10, answer: 5, priority: 1, text: "urgent" });
    clock.run();
    const first = (late.at[0] ?? 0) < (urgent.at[0] ?? 0) ? "late" : "urgent";
    expect(first).toBe(order[0]);
  });

  it.each([
    ["fcfs", 1],
    ["priority", 0],
  ] as const)("gives up the right place when the cache is full: %s", (policy, victim) => {
    const room = kvCacheBytes(80);
    const { clock, submit, preempted } = engine({ policy, kvCacheBytes: room, prefixCaching: false });
    const runs = [
      submit({ prompt: 32, answer: 40, priority: 9, text: "a" }),
      submit({ prompt: 32, answer: 40, priority: 1, text: "b" }),
    ];
    clock.run();
    expect(preempted[0]).toBe(runs[victim]?.sequence);
    // It computes again what it had, and ends with every token delivered once.
    expect(runs.map(({ at }) => at.length)).toEqual([40, 40]);
    expect(runs.map(({ ends }) => ends)).toEqual([["stop"], ["stop"]]);
  });

  it("runs at most its number of adapters; a sequence of another one waits for no room", () => {
    const { clock, gpu, submit } = engine({ maxAdapters: 1 });
    submit({ prompt: 10, answer: 5, adapter: "a" });
    const other = submit({ prompt: 10, answer: 5, adapter: "b" });
    const base = submit({ prompt: 10, answer: 5 });
    clock.run(40);
    clock.run(100);
    expect(gpu.waiting).toEqual([other.sequence]);
    expect(other.sequence.deferred).toBe(true);
    clock.run();
    expect([other.at.length, base.at.length]).toEqual([5, 5]);
  });

  it("ends every sequence once, with all its tokens, whatever comes in whatever order", () => {
    const asked = fc.record({
      prompt: fc.integer({ min: 1, max: 700 }),
      answer: fc.integer({ min: 1, max: 40 }),
      priority: fc.nat(3),
      adapter: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
      text: fc.constantFrom("x", "y"),
      afterMs: fc.nat(300),
      isAborted: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(asked, { maxLength: 30 }),
        fc.constantFrom("fcfs", "priority"),
        fc.constantFrom(1, 0),
        (requests, policy, speed) => {
          const { clock, gpu, submit } = engine({
            speed,
            policy,
            stepwise: true,
            maxSequences: 4,
            maxAdapters: 2,
            kvCacheBytes: kvCacheBytes(1_000),
          });
          const runs = requests.map(({ afterMs, isAborted, adapter, ...rest }) => {
            const run = submit(adapter === undefined ? rest : { ...rest, adapter });
            clock.run(clock.now() + afterMs);
            if (isAborted) gpu.abort(run.sequence);
            return { ...run, answer: rest.answer };
          });
          clock.run();
          for (const { at, ends, answer } of runs) {
            expect(ends).toHaveLength(1);
            if (ends[0] === "stop") expect(at).toHaveLength(answer);
          }
          expect([gpu.running, gpu.waiting, gpu.kvCacheUsage]).toEqual([[], [], 0]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("KvCache", () => {
  const ttft = ({ at }: { readonly at: readonly number[] }, asked: number) => (at[0] ?? Number.NaN) - asked;

  it("reuses what an earlier prompt has computed, for the same adapter alone", () => {
    const { clock, submit } = engine();
    const ask = (more: Partial<Asked>): readonly [number, Sequence] => {
      const asked = clock.now();
      const run = submit({ prompt: 2_000, answer: 1, ...more });
      clock.run();
      return [ttft(run, asked), run.sequence];
    };
    const [cold] = ask({});
    const [warm, sequence] = ask({});
    const [longer] = ask({ prompt: 2_040 });
    const [other] = ask({ adapter: "a" });
    expect(cold).toBeCloseTo(800);
    expect(warm).toBeLessThan(cold / 10);
    // The block with the last token is computed again.
    expect(sequence.cachedTokens).toBe(1_984);
    expect(longer).toBeLessThan(cold / 10);
    expect(other).toBeCloseTo(cold);
  });

  it("can be switched off", () => {
    const { clock, submit } = engine({ prefixCaching: false });
    submit({ prompt: 500, answer: 1 });
    clock.run();
    const { sequence } = submit({ prompt: 500, answer: 1 });
    expect(sequence.cachedTokens).toBe(0);
  });

  it("evicts the least recently used first, and never what runs", () => {
    const { clock, gpu, submit } = engine({ kvCacheBytes: kvCacheBytes(1_024) });
    const once = (text: string) => {
      const { sequence } = submit({ prompt: 416, answer: 1, text });
      clock.run();
      return sequence.cachedTokens;
    };
    once("a");
    once("b");
    expect(once("a")).toBe(400);
    // Room for two prompts and a bit: the third takes most of that of "b", from its end.
    once("c");
    expect(once("a")).toBe(400);
    expect(once("b")).toBeLessThan(200);
    expect(gpu.kvCacheUsage).toBe(0);
  });

  it("counts as in use what running sequences hold", () => {
    const { clock, gpu, submit } = engine();
    submit({ prompt: 1_024, answer: 2 });
    clock.run(420);
    expect(gpu.kvCacheUsage).toBeCloseTo(kvCacheBytes(1_040) / L4_GEMMA_12B.kvCacheBytes, 2);
    clock.run();
    expect(gpu.kvCacheUsage).toBe(0);
  });

  it("holds twenty-six sequences of 1,024 tokens, as planned", () => {
    const { clock, gpu, add } = engine();
    for (let index = 0; index < 30; index += 1) add({ prompt: 1_009, answer: 15, text: `${index} ` });
    gpu.run();
    const running: number[] = [];
    for (let second = 0; second < 20; second += 1) {
      clock.run(second * 1_000);
      running.push(gpu.running.length);
    }
    expect(Math.max(...running)).toBe(26);
  });
});

describe("Gpu without delays", () => {
  it("delivers an answer before the call returns", () => {
    const { submit } = engine({ speed: 0 });
    const { at, ends } = submit({ prompt: 5_000, answer: 32 });
    expect([at.length, ends]).toEqual([32, ["stop"]]);
  });

  it("delivers tokens one by one with stepwise", () => {
    const { clock, submit } = engine({ speed: 0, stepwise: true });
    const { at } = submit({ prompt: 10, answer: 3 });
    expect(at).toEqual([]);
    clock.run();
    expect(at).toHaveLength(3);
  });
});
