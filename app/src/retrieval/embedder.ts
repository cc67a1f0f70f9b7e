/** What a text is to the one that it is compared with; some models take a different input for each. */
export type EmbeddingKind = "query" | "passage";

/** Turns texts into vectors that can be compared by their cosine. */
export interface Embedder {
  /** Names the model: vectors of two ids cannot be compared. */
  readonly id: string;
  /** Components of a vector. */
  readonly dim: number;
  /**
   * One vector of length 1 for each text, in the same order.
   * @throws AppError STORE_UNAVAILABLE when the model does not answer
   */
  embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<readonly Float32Array[]>;
}
