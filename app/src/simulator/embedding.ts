import { countTokens } from "./tokenizer";

/** Values of a vector. Source: jhgan/ko-sbert-multitask, the embedder of the third document. */
export const EMBEDDING_DIMENSIONS = 768;
/** Letters of the n-grams that are counted: enough for Korean stems and for parts of English words. */
const NGRAM_LENGTHS = [2, 3];

/**
 * A text as a vector of length 1: each of its n-grams adds or subtracts 1 where its hash says. Texts that share words
 * lie close together, texts that mean the same in other words do not. The same text always gives the same vector.
 */
export function embed(text: string, dimensions = EMBEDDING_DIMENSIONS): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const letters = [...` ${text.normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim()} `];
  for (const length of NGRAM_LENGTHS) {
    for (let start = 0; start + length <= letters.length; start += 1) {
      const hash = fnv1a(letters.slice(start, start + length).join(""));
      const place = hash % dimensions;
      vector[place] = (vector[place] ?? 0) + (hash >= 0x80000000 ? 1 : -1);
    }
  }
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => value / norm);
}

/** The vector as little-endian 32-bit floats in base64, as OpenAI's `encoding_format` has it. */
export function toBase64(vector: readonly number[]): string {
  const floats = new Float32Array(vector);
  return Buffer.from(floats.buffer).toString("base64");
}

/** Tokens of a text as an embedder counts them: with one before and one after it. */
export function embeddingTokens(text: string): number {
  return countTokens(text) + 2;
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
