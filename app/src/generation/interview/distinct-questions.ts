/** How near two questions are: a calibrated cosine. */
export type Similarity = (left: Float32Array, right: Float32Array) => number;

/**
 * Which of the questions to keep: each that is not a near-duplicate of one kept before it.
 * @param threshold similarity from which two questions ask the same
 * @returns indices, ascending
 */
export function distinctIndices(vectors: readonly Float32Array[], similarity: Similarity, threshold: number): number[] {
  const kept: number[] = [];
  vectors.forEach((vector, index) => {
    const repeats = kept.some((other) => similarity(vectors[other] ?? vector, vector) >= threshold);
    if (!repeats) kept.push(index);
  });
  return kept;
}

/** Questions that are the same text, but for case, spaces and marks. What can be said without an embedder. */
export function sameText(left: string, right: string): boolean {
  return bare(left) === bare(right);
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[\s\p{P}]+/gu, "");
}
