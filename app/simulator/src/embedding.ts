import { hashedNgrams } from "../../src/shared/hashed-ngrams";
import { countTokens } from "./tokenizer";

/** Values of a vector: as many as the gateway's own hashed n-grams have, and ko-sbert-multitask. */
export const EMBEDDING_DIMENSIONS = 768;

/** A text's vector, of length 1: the gateway's own hashed n-grams, or their first `dimensions` values. */
export function embed(text: string, dimensions = EMBEDDING_DIMENSIONS): number[] {
  const vector = Array.from(hashedNgrams(text).subarray(0, dimensions));
  if (dimensions === EMBEDDING_DIMENSIONS) return vector;
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => Math.fround(value / norm));
}

/** The vector as little-endian 32-bit floats in base64, as OpenAI's `encoding_format` has it. */
export function toBase64(vector: readonly number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString("base64");
}

/** Tokens of a text as an embedder counts them: with one before and one after it. */
export function embeddingTokens(text: string): number {
  return countTokens(text) + 2;
}
