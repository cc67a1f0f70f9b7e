import type { ModelShape } from "./models";

type CacheShape = Pick<
  ModelShape,
  "kvHeads" | "headDim" | "kvDtypeBytes" | "globalLayers" | "slidingLayers" | "slidingWindow"
>;

function bytesPerLayerToken({ kvHeads, headDim, kvDtypeBytes }: CacheShape): number {
  return 2 * kvHeads * headDim * kvDtypeBytes;
}

/** Key and value of each head, layer and token; a sliding layer keeps its window. A last block's rest is left out. */
export function kvBytesPerSequence(model: CacheShape, tokens: number): number {
  const slidingTokens = Math.min(tokens, model.slidingWindow);
  return bytesPerLayerToken(model) * (model.globalLayers * tokens + model.slidingLayers * slidingTokens);
}

export function sequencesIn(kvCacheBytes: number, bytesPerSequence: number): number {
  return Math.max(0, Math.floor(kvCacheBytes / bytesPerSequence));
}
