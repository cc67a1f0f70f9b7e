import { describe, expect, it } from "@jest/globals";
import { kvBytesPerSequence } from "../../planning/kv-cache";
import { isModelName, MODELS } from "../../planning/models";

const MIB = 1024 ** 2;

describe("MODELS", () => {
  it.each([
    // Sizes that the published model.safetensors.index.json states, in bytes of 16-bit parameters.
    ["qwen2.5-7b-instruct", 15_231_233_024],
    ["gemma3-4b-it", 8_600_158_944],
    ["tinyllama-1.1b-chat", 2_200_096_768],
  ] as const)("derive %s's parameters as published", (name, bytes) => {
    expect(MODELS[name].parameters * 2).toBe(bytes);
  });

  it("reproduce the KV cache of Gemma 3 12B: 384 MiB at 1k tokens, 576 MiB at 4k", () => {
    const gemma = MODELS["gemma3-12b-it-gptq"];
    expect([gemma.globalLayers, gemma.slidingLayers, gemma.slidingWindow]).toEqual([8, 40, 1024]);
    expect(kvBytesPerSequence(gemma, 1024)).toBe(384 * MIB);
    expect(kvBytesPerSequence(gemma, 4096)).toBe(576 * MIB);
  });

  it("read about 7.6 GB a decode step of Gemma 3 12B at 4 bits", () => {
    expect(MODELS["gemma3-12b-it-gptq"].bytesReadPerStep / 1e9).toBeCloseTo(7.6, 1);
  });

  it("have every layer in exactly one class and never read more than they hold", () => {
    for (const model of Object.values(MODELS)) {
      expect(model.globalLayers + model.slidingLayers).toBe(model.layers);
      expect(model.slidingLayers === 0).toBe(model.slidingWindow === 0);
      expect(model.bytesReadPerStep).toBeLessThanOrEqual(model.weightBytes);
    }
  });

  it("are recognized by isModelName", () => {
    expect(Object.keys(MODELS).every(isModelName)).toBe(true);
    expect(["toString", "gemma", ""].some(isModelName)).toBe(false);
  });
});
