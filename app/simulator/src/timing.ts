/**
 * How long Gemma-3-12B at 4 bits takes on one L4 (24 GB, 300 GB/s, 121 TFLOPS fp16). A model of throughput, not of a
 * GPU: good enough to see queues, batches, streaming and time-outs as they will be. Pure arithmetic: it reads no clock.
 */

const MIB = 1024 * 1024;

/** What the time of an engine's step follows from. */
export interface EngineTiming {
  /** Bytes of the weights, all of which one step reads. */
  readonly weightBytes: number;
  /** Bytes/s of the GPU's memory. */
  readonly memoryBytesPerSecond: number;
  /** Tokens/s at which prompts are read. */
  readonly prefillTokensPerSecond: number;
  /** Layers that attend to the whole context. */
  readonly globalLayers: number;
  /** Layers that attend to the last {@link slidingWindowTokens} only. */
  readonly slidingLayers: number;
  readonly slidingWindowTokens: number;
  /** Bytes of the KV cache that one token takes in one layer. */
  readonly kvBytesPerTokenAndLayer: number;
}

/** What one step has to do. */
export interface StepLoad {
  /** Tokens of prompts that it reads; those found in the prefix cache do not count. */
  readonly prefillTokens: number;
  /** Sequences that get their next token. */
  readonly decodeSeqs: number;
  /** Bytes of KV cache that those sequences hold together. @default 1,024 tokens each */
  readonly decodeKvBytes?: number;
}

export const L4_GEMMA_12B = {
  /** Name under which the simulator serves. Source: R-2. */
  model: "gemma3-12b-it-gptq",
  /** 10.8 billion parameters at 4 bits, 1 billion of the embedding at 16, and the scales: 40 readings a second. */
  weightBytes: 7.6e9,
  /** Source: NVIDIA's L4 data sheet. */
  memoryBytesPerSecond: 300e9,
  /**
   * The ceiling is about 5.6k (121 TFLOPS through 2 × 10.8 billion operations a token); 40 to 50 % of it is reached.
   */
  prefillTokensPerSecond: 2_500,
  /** Layers and window: the model's config.json (48 layers, every sixth global, sliding_window 1024). */
  globalLayers: 8,
  slidingLayers: 40,
  slidingWindowTokens: 1_024,
  /** 8 KV heads × 256 values × key and value × 2 bytes. Source: the model's config.json. */
  kvBytesPerTokenAndLayer: 8 * 256 * 2 * 2,
  /** Sequences in a batch. Source: R-2. */
  maxSequences: 30,
  /** Tokens that one step takes at most, of prompts and of answers. Source: vLLM's default for an L4. */
  maxBatchedTokens: 2_048,
  /** What an L4 has left beside the weights and the activations. 26 sequences of 1,024 tokens, 17 of 4,096. */
  kvCacheBytes: 10 * 1024 * MIB,
  /** Tokens of a block of the KV cache. Source: vLLM's default `--block-size`. */
  blockTokens: 16,
} as const satisfies EngineTiming & Record<string, number | string>;

/** Tokens that a sequence holds by default. */
const USUAL_CONTEXT_TOKENS = 1_024;

/** Bytes of KV cache that one sequence of so many tokens takes: 384 MiB at 1,024 tokens, 576 MiB at 4,096. */
export function kvCacheBytes(tokens: number, timing: EngineTiming = L4_GEMMA_12B): number {
  const { globalLayers, slidingLayers, slidingWindowTokens, kvBytesPerTokenAndLayer } = timing;
  return kvBytesPerTokenAndLayer * (globalLayers * tokens + slidingLayers * Math.min(tokens, slidingWindowTokens));
}

/**
 * Milliseconds of one step of the engine: it reads all weights once, behind which reading the prompts' tokens hides for
 * as long as that is the shorter, and then the KV cache of every sequence that gets a token. So one stream gets 37
 * tokens/s and thirty get 457 together; published for w4a16 on GKE: 446. 0 for a step with nothing to do.
 */
export function stepDurationMs(load: StepLoad, timing: EngineTiming = L4_GEMMA_12B): number {
  const { prefillTokens, decodeSeqs } = load;
  if (prefillTokens === 0 && decodeSeqs === 0) return 0;
  const { decodeKvBytes = decodeSeqs * kvCacheBytes(USUAL_CONTEXT_TOKENS, timing) } = load;
  const weightsMs = (timing.weightBytes / timing.memoryBytesPerSecond) * 1_000;
  const prefillMs = (prefillTokens / timing.prefillTokensPerSecond) * 1_000;
  return Math.max(weightsMs, prefillMs) + (decodeKvBytes / timing.memoryBytesPerSecond) * 1_000;
}
