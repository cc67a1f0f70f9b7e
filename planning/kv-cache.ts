/** Size of the key-value cache of a sequence, and how many sequences it holds. */
import type { ModelShape } from "./models";

type CacheShape = Pick<
  ModelShape,
  "kvHeads" | "headDim" | "kvDtypeBytes" | "globalLayers" | "slidingLayers" | "slidingWindow"
>;

function bytesPerLayerToken({ kvHeads, headDim, kvDtypeBytes }: CacheShape): number {
  return 2 * kvHeads * headDim * kvDtypeBytes;
}

/**
 * Bytes of KV cache that one sequence of `tokens` takes: a key and a value for each head, layer and token, where a
 * sliding layer keeps its window only. The up to 15 unused tokens of the last block are left out.
 */
export function kvBytesPerSequence(model: CacheShape, tokens: number): number {
  const slidingTokens = Math.min(tokens, model.slidingWindow);
  return bytesPerLayerToken(model) * (model.globalLayers * tokens + model.slidingLayers * slidingTokens);
}

/** Whole sequences of `bytesPerSequence` that a cache holds. */
export function sequencesIn(kvCacheBytes: number, bytesPerSequence: number): number {
  return Math.max(0, Math.floor(kvCacheBytes / bytesPerSequence));
}
