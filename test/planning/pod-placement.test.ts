import { describe, expect, it } from "@jest/globals";
import type { EnginePlacement } from "../../planning/engine-placement";
import { podPlacement } from "../../planning/pod-placement";

const gemma: EnginePlacement = {
  model: "gemma3-12b-it-gptq",
  gpu: 0,
  memoryShare: 0.95,
  maxModelLen: 4096,
  maxNumSeqs: 24,
  maxLoras: 4,
};
const small: EnginePlacement = { ...gemma, model: "gemma3-4b-it", gpu: 1, memoryShare: 0.55, maxLoras: 0 };

describe("podPlacement", () => {
  it("gives each model the one GPU of its pod, and the memory that it shared on a VM", () => {
    expect(podPlacement([gemma, small])).toEqual([
      { ...gemma, gpu: 0, memoryShare: 0.95 },
      { ...small, gpu: 0, memoryShare: 0.9 },
    ]);
  });

  it("places a model once that a VM runs twice", () => {
    expect(podPlacement([gemma, { ...gemma, gpu: 1 }, small]).map(({ model }) => model)).toEqual([
      "gemma3-12b-it-gptq",
      "gemma3-4b-it",
    ]);
  });
});
