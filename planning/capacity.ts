/**
 * What one vLLM engine gets out of its share of an L4: weights, working memory, KV cache, and the sequences and tokens
 * a second that follow. Estimates by roofline: ceilings are what the hardware allows, not what was measured.
 */
import { L4 } from "./gpus";
import { MODELS, type ModelName, type ModelShape } from "./models";

/** One engine on one L4. */
export interface EngineInput {
  readonly model: ModelName;
  /** vLLM's `--gpu-memory-utilization`: above 0, at most 1. */
  readonly memoryShare: number;
  /** Tokens to plan a sequence for, prompt and answer together; at most `maxModelLen`. */
  readonly contextTokens: number;
  /** vLLM's `--max-model-len`, tokens. vLLM starts only when one sequence of this length fits the cache. */
  readonly maxModelLen: number;
  /**
   * vLLM's `--max-loras`: adapters on the GPU at once.
   * @default 0, LoRA is off
   */
  readonly maxLoras?: number;
  /**
   * vLLM's `--max-lora-rank`.
   * @default 16, vLLM's own
   */
  readonly maxLoraRank?: number;
}

/** What {@link planEngine} finds. */
export type EnginePlan =
  | {
      readonly fits: true;
      readonly weightBytes: number;
      /** CUDA context, graphs, activations and adapter slots. */
      readonly overheadBytes: number;
      /** The rest of the share. */
      readonly kvCacheBytes: number;
      /** KV cache of one sequence of `contextTokens`. */
      readonly kvBytesPerSequence: number;
      /** Value for `--max-num-seqs`: sequences of `contextTokens` that the cache holds, at most {@link MAX_NUM_SEQS}. */
      readonly maxConcurrentSequences: number;
      /** Upper bound for one stream: bandwidth over the weights read at each step. */
      readonly decodeTokensPerSecondSingle: number;
      /** Upper bound for all of `maxConcurrentSequences` together, their KV cache read at each step. */
      readonly decodeTokensPerSecondCeiling: number;
      /** Prompt tokens a second to plan with: {@link PREFILL_EFFICIENCY} of the arithmetic ceiling. */
      readonly prefillTokensPerSecond: number;
    }
  | {
      readonly fits: false;
      readonly neededBytes: number;
      readonly availableBytes: number;
      /** One sentence with the figures. */
      readonly reason: string;
    };

const GIB = 1024 ** 3;

/** vLLM's default `--max-num-seqs` on an L4: its start-up profile, which sizes the working memory, stops there. */
export const MAX_NUM_SEQS = 256;

/** vLLM's default `--max-num-batched-tokens` on an L4. */
const MAX_BATCHED_TOKENS = 2048;

/** Share of the arithmetic ceiling that prefill reaches in practice on an L4: 40-50 %. */
export const PREFILL_EFFICIENCY = 0.45;

/** CUDA context, library workspaces and captured CUDA graphs of one engine. */
const ENGINE_FIXED_BYTES = GIB;

/** Bytes of KV cache that one sequence of `tokens` takes; a sliding layer keeps its window only. */
export function kvBytesPerSequence(model: ModelShape, tokens: number): number {
  const perLayerToken = 2 * model.kvHeads * model.headDim * model.kvDtypeBytes;
  const slidingTokens = Math.min(tokens, model.slidingWindow);
  return perLayerToken * (model.globalLayers * tokens + model.slidingLayers * slidingTokens);
}

/** Sequences that a cache holds. */
export function sequencesIn(kvCacheBytes: number, bytesPerSequence: number): number {
  return Math.max(0, Math.floor(kvCacheBytes / bytesPerSequence));
}

/**
 * Upper bound of decoded tokens a second over `sequences` streams: each step reads the weights once and every
 * sequence's KV cache, and yields one token a sequence.
 */
export function decodeCeiling(model: ModelShape, sequences: number, bytesPerSequence: number): number {
  const bytesPerStep = model.bytesReadPerStep + sequences * bytesPerSequence;
  return (sequences * L4.memoryBandwidthBytesPerSecond) / bytesPerStep;
}

/** Upper bound of prompt tokens a second: two operations for each parameter of a layer's matrices. */
export function prefillCeiling(model: ModelShape): number {
  return L4.fp16Flops / (2 * model.linearParameters);
}

/**
 * Working memory that vLLM's start-up profile finds: the widest activations of a full batch in 16 bits, and three
 * 32-bit copies of the logits (sampling sorts and normalises them) for {@link MAX_NUM_SEQS} sequences.
 */
function activationBytes(model: ModelShape): number {
  const widest = 2 * model.intermediateSize + 4 * model.hiddenSize;
  return MAX_BATCHED_TOKENS * widest * 2 + MAX_NUM_SEQS * model.vocabSize * 4 * 3;
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

/**
 * Plans one engine on its share of one L4.
 * @throws RangeError for a share outside (0, 1] or token counts that are no positive integers.
 */
export function planEngine(input: EngineInput): EnginePlan {
  const { memoryShare, contextTokens, maxModelLen, maxLoras = 0, maxLoraRank = 16 } = input;
  if (!(memoryShare > 0 && memoryShare <= 1)) {
    throw new RangeError(`memoryShare must be above 0 and at most 1, not ${memoryShare}`);
  }
  for (const [name, value] of Object.entries({ contextTokens, maxModelLen })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer, not ${value}`);
  }
  const model = MODELS[input.model];
  const availableBytes = Math.floor(L4.memoryBytes * memoryShare);
  const { weightBytes } = model;
  const overheadBytes = ENGINE_FIXED_BYTES + activationBytes(model) + maxLoras * maxLoraRank * model.loraBytesPerRank;
  const longest = kvBytesPerSequence(model, maxModelLen);
  const neededBytes = weightBytes + overheadBytes + longest;
  if (contextTokens > maxModelLen) {
    const reason = `${contextTokens} planned tokens exceed maxModelLen ${maxModelLen}`;
    return { fits: false, neededBytes, availableBytes, reason };
  }
  if (maxModelLen > model.maxContextTokens) {
    const reason = `maxModelLen ${maxModelLen} exceeds the ${model.maxContextTokens} tokens of ${input.model}`;
    return { fits: false, neededBytes, availableBytes, reason };
  }
  if (neededBytes > availableBytes) {
    const reason = `${input.model} needs ${gib(weightBytes)} of weights, ${gib(overheadBytes)} of working memory and ${gib(longest)} of KV cache for one sequence of ${maxModelLen} tokens; a share of ${memoryShare} of an L4 is ${gib(availableBytes)}`;
    return { fits: false, neededBytes, availableBytes, reason };
  }
  const kvCacheBytes = availableBytes - weightBytes - overheadBytes;
  const perSequence = kvBytesPerSequence(model, contextTokens);
  const maxConcurrentSequences = Math.min(MAX_NUM_SEQS, sequencesIn(kvCacheBytes, perSequence));
  return {
    fits: true,
    weightBytes,
    overheadBytes,
    kvCacheBytes,
    kvBytesPerSequence: perSequence,
    maxConcurrentSequences,
    decodeTokensPerSecondSingle: L4.memoryBandwidthBytesPerSecond / model.bytesReadPerStep,
    decodeTokensPerSecondCeiling: decodeCeiling(model, maxConcurrentSequences, perSequence),
    prefillTokensPerSecond: prefillCeiling(model) * PREFILL_EFFICIENCY,
  };
}
