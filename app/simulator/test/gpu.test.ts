import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Gpu } from "../src/gpu";
import { kvCacheBytes, stepDurationMs } from "../src/timing";
import { gpuOnVirtualClock } from "./gpu-on-virtual-clock";

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
    const { clock, submit } = gpuOnVirtualClock();
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
      const { clock, add, gpu } = gpuOnVirtualClock({ kvCacheBytes: 2 ** 40 });
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

describe("Gpu without delays", () => {
  it("delivers an answer before the call returns", () => {
    const { submit } = gpuOnVirtualClock({ speed: 0 });
    const { at, ends } = submit({ prompt: 5_000, answer: 32 });
    expect([at.length, ends]).toEqual([32, ["stop"]]);
  });

  it("delivers tokens one by one with stepwise", () => {
    const { clock, submit } = gpuOnVirtualClock({ speed: 0, stepwise: true });
    const { at } = submit({ prompt: 10, answer: 3 });
    expect(at).toEqual([]);
    clock.run();
    expect(at).toHaveLength(3);
  });
});
