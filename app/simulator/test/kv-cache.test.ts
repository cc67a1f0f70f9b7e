import { describe, expect, it } from "@jest/globals";
import type { Sequence } from "../src/sequence";
import { kvCacheBytes, L4_GEMMA_12B } from "../src/timing";
import { gpuOnVirtualClock, type SequenceProps } from "./gpu-on-virtual-clock";

describe("KvCache", () => {
  const ttft = ({ at }: { readonly at: readonly number[] }, from: number) => (at[0] ?? Number.NaN) - from;

  it("reuses what an earlier prompt has computed, for the same adapter alone", () => {
    const { clock, submit } = gpuOnVirtualClock();
    const serve = (more: Partial<SequenceProps>): readonly [number, Sequence] => {
      const arrived = clock.now();
      const run = submit({ prompt: 2_000, answer: 1, ...more });
      clock.run();
      return [ttft(run, arrived), run.sequence];
    };
    const [cold] = serve({});
    const [warm, sequence] = serve({});
    const [longer] = serve({ prompt: 2_040 });
    const [other] = serve({ adapter: "a" });
    expect(cold).toBeCloseTo(800);
    expect(warm).toBeLessThan(cold / 10);
    // The block with the last token is computed again.
    expect(sequence.cachedTokens).toBe(1_984);
    expect(longer).toBeLessThan(cold / 10);
    expect(other).toBeCloseTo(cold);
  });

  it("can be switched off", () => {
    const { clock, submit } = gpuOnVirtualClock({ prefixCaching: false });
    submit({ prompt: 500, answer: 1 });
    clock.run();
    const { sequence } = submit({ prompt: 500, answer: 1 });
    expect(sequence.cachedTokens).toBe(0);
  });

  it("evicts the least recently used first, and never what runs", () => {
    const { clock, gpu, submit } = gpuOnVirtualClock({ kvCacheBytes: kvCacheBytes(1_024) });
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
    const { clock, gpu, submit } = gpuOnVirtualClock();
    submit({ prompt: 1_024, answer: 2 });
    clock.run(420);
    expect(gpu.kvCacheUsage).toBeCloseTo(kvCacheBytes(1_040) / L4_GEMMA_12B.kvCacheBytes, 2);
    clock.run();
    expect(gpu.kvCacheUsage).toBe(0);
  });

  it("holds twenty-six sequences of 1,024 tokens, as planned", () => {
    const { clock, gpu, add } = gpuOnVirtualClock();
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
