import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type EngineInput, type EnginePlan, MAX_NUM_SEQS, planEngine } from "../../planning/capacity";
import { L4 } from "../../planning/gpus";
import { kvBytesPerSequence, sequencesIn } from "../../planning/kv-cache";
import { isModelName, MODELS } from "../../planning/models";
import { decodeCeiling, prefillCeiling } from "../../planning/roofline";
import { documentedConcurrency } from "./documented-concurrency";

const GIB = 1024 ** 3;
const GEMMA_12B = MODELS["gemma3-12b-it-gptq"];

const modelName = fc.constantFrom(...Object.keys(MODELS).filter(isModelName));
const engine: fc.Arbitrary<EngineInput> = fc
  .record({
    model: modelName,
    memoryShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
    lengths: fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 40_000 })),
    maxLoras: fc.integer({ min: 0, max: 8 }),
  })
  .map(({ lengths, ...rest }) => ({ ...rest, contextTokens: Math.min(...lengths), maxModelLen: Math.max(...lengths) }));

/** Sequences of a plan; a refused engine serves none. */
function sequencesOf(input: EngineInput): number {
  const plan = planEngine(input);
  return plan.fits ? plan.maxConcurrentSequences : 0;
}

/** A plan that fits allocates no more than its share, and at least one sequence of the greatest length. */
function staysWithinShare(plan: (input: EngineInput) => EnginePlan): fc.IProperty<[EngineInput]> {
  return fc.property(engine, (input) => {
    const planned = plan(input);
    if (!planned.fits) return;
    const sequences = planned.maxConcurrentSequences * planned.kvBytesPerSequence;
    expect(planned.weightBytes + planned.overheadBytes + sequences).toBeLessThanOrEqual(
      L4.cudaMemoryBytes * input.memoryShare,
    );
    expect(kvBytesPerSequence(MODELS[input.model], input.maxModelLen)).toBeLessThanOrEqual(planned.kvCacheBytes);
    expect(planned.maxConcurrentSequences).toBeGreaterThanOrEqual(1);
    expect(planned.maxConcurrentSequences).toBeLessThanOrEqual(MAX_NUM_SEQS);
  });
}

type Planner = (input: EngineInput) => number;

/** More of the GPU never serves fewer; longer sequences never leave room for more. */
function monotone(sequences: Planner): fc.IProperty<[EngineInput, number, number]> {
  return fc.property(
    engine,
    fc.double({ min: 0, max: 0.5, noNaN: true }),
    fc.integer({ min: 1, max: 4000 }),
    (input, moreShare, moreTokens) => {
      const more = { ...input, memoryShare: Math.min(1, input.memoryShare + moreShare) };
      expect(sequences(more)).toBeGreaterThanOrEqual(sequences(input));
      const longer = { ...input, contextTokens: Math.min(input.maxModelLen, input.contextTokens + moreTokens) };
      expect(sequences(longer)).toBeLessThanOrEqual(sequences(input));
    },
  );
}

describe("planEngine", () => {
  it("never plans more than its share of the GPU, and lets the longest sequence fit", () => {
    fc.assert(staysWithinShare(planEngine), { numRuns: 500 });
    // A planner that refuses everything would pass the above.
    expect(
      fc.sample(engine, { seed: 1, numRuns: 500 }).filter((input) => planEngine(input).fits).length,
    ).toBeGreaterThan(50);
  });

  it.each<[string, (input: EngineInput) => EnginePlan]>([
    ["plans a larger share", (input) => planEngine({ ...input, memoryShare: Math.min(1, input.memoryShare * 1.2) })],
    ["forgets the longest sequence", (input) => planEngine({ ...input, maxModelLen: input.contextTokens })],
  ])("is caught when it %s", (_, planted) => {
    expect(fc.check(staysWithinShare(planted), { seed: 1, numRuns: 500 }).failed).toBe(true);
  });

  it("refuses exactly what needs more than there is, or is longer than the model can", () => {
    fc.assert(
      fc.property(engine, (input) => {
        const plan = planEngine(input);
        if (plan.fits) return;
        const tooLong = input.maxModelLen > MODELS[input.model].maxContextTokens;
        expect(tooLong || plan.neededBytes > plan.availableBytes).toBe(true);
        expect(plan.reason).toMatch(/\d/);
      }),
    );
  });

  it("serves no fewer with more memory, and no more with longer sequences", () => {
    fc.assert(monotone(sequencesOf), { numRuns: 300 });
  });

  it.each<[string, Planner]>([
    [
      "plans with the tokens that are left",
      (input) => sequencesOf({ ...input, contextTokens: input.maxModelLen - input.contextTokens + 1 }),
    ],
    [
      "takes the share for what others have",
      (input) => sequencesOf({ ...input, memoryShare: 1.05 - input.memoryShare }),
    ],
  ])("is caught when it %s", (_, planted) => {
    expect(fc.check(monotone(planted), { seed: 1, numRuns: 500 }).failed).toBe(true);
  });

  it("reproduces the facts of Gemma 3 12B at 4 bits", () => {
    const at = (tokens: number) => kvBytesPerSequence(GEMMA_12B, tokens);
    expect(sequencesIn(10 * GIB, at(1024))).toBe(26);
    expect(sequencesIn(10 * GIB, at(4096))).toBe(17);
    expect(decodeCeiling(GEMMA_12B, 1, 0)).toBeCloseTo(39.4, 0);
    // With 10 GiB of cache full: about 450 tokens a second in all, against 446 measured (w4a16 on GKE).
    expect(Math.abs(decodeCeiling(GEMMA_12B, 26, at(1024)) - 446)).toBeLessThan(20);
    expect(Math.round(prefillCeiling(GEMMA_12B) / 100)).toBe(56);
  });

  it("gives Gemma 3 12B about 10 GiB of cache at vLLM's default share", () => {
    const plan = planEngine({ model: "gemma3-12b-it-gptq", memoryShare: 0.9, contextTokens: 1024, maxModelLen: 4096 });
    if (!plan.fits) throw new Error(plan.reason);
    expect(plan.kvCacheBytes / GIB).toBeGreaterThan(10);
    expect(plan.kvCacheBytes / GIB).toBeLessThan(11.5);
    expect(plan.maxConcurrentSequences).toBe(28);
  });

  it("refuses weights that do not fit, with the figures", () => {
    const plan = planEngine({ model: "qwen2.5-7b-instruct", memoryShare: 0.5, contextTokens: 512, maxModelLen: 2048 });
    expect(plan).toMatchObject({ fits: false, reason: expect.stringMatching(/14\.2 GiB of weights.*11\.0 GiB/) });
  });

  it("refuses sequences longer than planned for, or than the model can", () => {
    const engineOf = (contextTokens: number, maxModelLen: number) =>
      planEngine({ model: "tinyllama-1.1b-chat", memoryShare: 0.9, contextTokens, maxModelLen });
    expect(engineOf(2000, 1000)).toMatchObject({ fits: false, reason: expect.stringContaining("2000") });
    expect(engineOf(1000, 4096)).toMatchObject({ fits: false, reason: expect.stringContaining("2048") });
    expect(engineOf(1000, 2048).fits).toBe(true);
  });

  it("takes adapters out of the cache", () => {
    const base = { model: "gemma3-12b-it-gptq", memoryShare: 0.9, contextTokens: 1024, maxModelLen: 4096 } as const;
    const [without, with4] = [planEngine(base), planEngine({ ...base, maxLoras: 4 })];
    if (!without.fits || !with4.fits) throw new Error("both fit");
    // 4 adapters of rank 16 over every matrix: 4 x 131 MB.
    expect((without.kvCacheBytes - with4.kvCacheBytes) / 1e6).toBeCloseTo(4 * 131, -2);
  });

  it.each([
    { memoryShare: 0 },
    { memoryShare: 1.01 },
    { memoryShare: Number.NaN },
    { contextTokens: 0 },
    { contextTokens: 10.5 },
    { maxModelLen: -1 },
  ])("throws for %j", (wrong) => {
    const right = { model: "tinyllama-1.1b-chat", memoryShare: 0.5, contextTokens: 10, maxModelLen: 100 } as const;
    expect(() => planEngine({ ...right, ...wrong })).toThrow(RangeError);
  });
});

describe("kvBytesPerSequence", () => {
  it("takes more for every further token", () => {
    fc.assert(
      fc.property(modelName, fc.integer({ min: 0, max: 131_072 }), (name, tokens) => {
        expect(kvBytesPerSequence(MODELS[name], tokens + 1)).toBeGreaterThan(kvBytesPerSequence(MODELS[name], tokens));
      }),
    );
  });
});

describe("30 concurrent requests an L4 (R-2)", () => {
  it("hold for Gemma 3 12B up to just under a thousand tokens", () => {
    const gemma = documentedConcurrency().find(({ model }) => model === "gemma3-12b-it-gptq");
    expect(gemma?.holdsUpToTokens).toBe(985);
    expect(gemma?.decodeTokensPerSecondEach).toBeCloseTo(15.6, 1);
  });

  it("hold exactly as far as planEngine says, for every model", () => {
    for (const { model, holdsUpToTokens } of documentedConcurrency()) {
      const at = (contextTokens: number) =>
        sequencesOf({ model, memoryShare: 0.9, contextTokens, maxModelLen: contextTokens });
      expect(at(holdsUpToTokens)).toBeGreaterThanOrEqual(30);
      if (holdsUpToTokens < MODELS[model].maxContextTokens) expect(at(holdsUpToTokens + 1)).toBeLessThan(30);
    }
  });

  it("hold for no model without room for a cache", () => {
    const qwen = documentedConcurrency(0.6).find(({ model }) => model === "qwen2.5-7b-instruct");
    expect(qwen).toEqual({ model: "qwen2.5-7b-instruct", holdsUpToTokens: 0, decodeTokensPerSecondEach: 0 });
  });
});
