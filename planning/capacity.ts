/**
 * What a vLLM engine gets from its share of an L4: weights, working memory, KV cache, and the sequences and speeds that
 * follow. Speeds are the hardware's ceilings, not measurements.
 */
import { L4 } from "./gpus";
import { kvBytesPerSequence, sequencesIn } from "./kv-cache";
import { MODELS, type ModelName, type ModelShape } from "./models";
import { decodeCeiling, PREFILL_EFFICIENCY, prefillCeiling } from "./roofline";

export interface EngineInput {
  readonly model: ModelName;
  /** vLLM's `--gpu-memory-utilization`: above 0, at most 1. */
  readonly memoryShare: number;
  /** Tokens to plan a sequence for, prompt and answer together; at most `maxModelLen`. */
  readonly contextTokens: number;
  /** vLLM's `--max-model-len`, tokens. vLLM starts only when one sequence of this length fits the cache. */
  readonly maxModelLen: number;
  /** vLLM's `--max-loras`: adapters on the GPU at once. @default 0, LoRA is off */
  readonly maxLoras?: number;
  /** vLLM's `--max-lora-rank`. @default 16, vLLM's own */
  readonly maxLoraRank?: number;
}

export interface FittingPlan {
  readonly fits: true;
  readonly weightBytes: number;
  /** CUDA graphs, activations, sampling at `maxConcurrentSequences`, and adapter slots. */
  readonly overheadBytes: number;
  readonly kvCacheBytes: number;
  /** KV cache of one sequence of `contextTokens`. */
  readonly kvBytesPerSequence: number;
  /** Largest `--max-num-seqs`: what the cache holds at `contextTokens`, at most {@link MAX_NUM_SEQS}. */
  readonly maxConcurrentSequences: number;
  /** Upper bound for one stream. */
  readonly decodeTokensPerSecondSingle: number;
  /** Upper bound for `maxConcurrentSequences` streams together. */
  readonly decodeTokensPerSecondCeiling: number;
  /** Prompt tokens a second to plan with: {@link PREFILL_EFFICIENCY} of the arithmetic ceiling. */
  readonly prefillTokensPerSecond: number;
}

export interface RefusedPlan {
  readonly fits: false;
  /** Bytes for one sequence of `maxModelLen`. */
  readonly neededBytes: number;
  readonly availableBytes: number;
  readonly reason: string;
}

export type EnginePlan = FittingPlan | RefusedPlan;

const GIB = 1024 ** 3;

/** vLLM's default `--max-num-seqs` on an L4, and the most that is planned: beyond it no CUDA graph is captured. */
export const MAX_NUM_SEQS = 256;

/** vLLM's default `--max-num-batched-tokens` on an L4. */
const MAX_BATCHED_TOKENS = 2048;

/** Captured CUDA graphs and library workspaces of one engine. An estimate: vLLM logs 0.3 to 0.7 GiB on 7B to 13B models. */
const ENGINE_FIXED_BYTES = 0.75 * GIB;

/**
 * Bytes of sampling for each logit: 32-bit copies, sorted with 64-bit indices, normalised and summed. With {@link
 * activationBytes} it gives 1.34 GiB for Qwen2.5-Math-1.5B at 256 sequences and 4,096 tokens; vLLM logs 1.40 GiB on an
 * L4.
 */
const SAMPLER_BYTES_PER_LOGIT = 32;

function samplerBytesPerSequence(model: ModelShape): number {
  return model.vocabSize * SAMPLER_BYTES_PER_LOGIT;
}

/** Widest activations of one layer for a full batch: gate and up projections, and a few copies of the hidden state. */
function activationBytes(model: ModelShape): number {
  return MAX_BATCHED_TOKENS * (2 * model.intermediateSize + 4 * model.hiddenSize) * 2;
}

function memoryOf(input: Pick<EngineInput, "model" | "memoryShare" | "maxLoras" | "maxLoraRank">) {
  const { memoryShare, maxLoras = 0, maxLoraRank = 16 } = input;
  const model = MODELS[input.model];
  const availableBytes = Math.floor(L4.cudaMemoryBytes * memoryShare);
  const loraBytes = maxLoras * maxLoraRank * model.loraBytesPerRank;
  const fixedBytes = ENGINE_FIXED_BYTES + activationBytes(model) + loraBytes;
  return { model, availableBytes, fixedBytes, leftBytes: availableBytes - model.weightBytes - fixedBytes };
}

function assertUsable({ memoryShare, contextTokens, maxModelLen }: EngineInput): void {
  if (!(memoryShare > 0 && memoryShare <= 1)) {
    throw new RangeError(`memoryShare must be above 0 and at most 1, not ${memoryShare}`);
  }
  for (const [name, value] of Object.entries({ contextTokens, maxModelLen })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer, not ${value}`);
  }
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

/** @throws RangeError for a share outside (0, 1] or token counts that are no positive integers. */
export function planEngine(input: EngineInput): EnginePlan {
  assertUsable(input);
  const { contextTokens, maxModelLen } = input;
  const { model, availableBytes, fixedBytes, leftBytes } = memoryOf(input);
  const longestBytes = kvBytesPerSequence(model, maxModelLen);
  const samplerBytes = samplerBytesPerSequence(model);
  const neededBytes = model.weightBytes + fixedBytes + samplerBytes + longestBytes;
  const refused = (reason: string): RefusedPlan => ({ fits: false, neededBytes, availableBytes, reason });

  if (contextTokens > maxModelLen) {
    return refused(`${contextTokens} planned tokens are more than maxModelLen, ${maxModelLen}`);
  }
  if (maxModelLen > model.maxContextTokens) {
    return refused(
      `maxModelLen ${maxModelLen} is more than the ${model.maxContextTokens} tokens that ${input.model} can`,
    );
  }
  if (neededBytes > availableBytes) {
    return refused(
      `${input.model} needs ${gib(model.weightBytes)} of weights, ${gib(fixedBytes + samplerBytes)} of working memory and ${gib(longestBytes)} of KV cache for one sequence of ${maxModelLen} tokens, and a share of ${input.memoryShare} of an L4 is ${gib(availableBytes)}`,
    );
  }

  const perSequence = kvBytesPerSequence(model, contextTokens);
  const maxConcurrentSequences = Math.min(
    MAX_NUM_SEQS,
    sequencesIn(leftBytes, perSequence + samplerBytes),
    // However short the planned sequences are, the cache must still hold one of the longest.
    sequencesIn(leftBytes - longestBytes, samplerBytes),
  );
  const overheadBytes = fixedBytes + maxConcurrentSequences * samplerBytes;
  return {
    fits: true,
    weightBytes: model.weightBytes,
    overheadBytes,
    kvCacheBytes: availableBytes - model.weightBytes - overheadBytes,
    kvBytesPerSequence: perSequence,
    maxConcurrentSequences,
    decodeTokensPerSecondSingle: decodeCeiling(model, 1, 0),
    decodeTokensPerSecondCeiling: decodeCeiling(model, maxConcurrentSequences, perSequence),
    prefillTokensPerSecond: prefillCeiling(model) * PREFILL_EFFICIENCY,
  };
}
