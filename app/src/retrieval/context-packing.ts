import { hashedNgrams } from "../shared/hashed-ngrams";
import { estimateTokens, fitTokens } from "../shared/tokens/estimate";
import { dot } from "../shared/vector";
import { pack } from "./packing";
import type { Passage } from "./passage";

/** Tokens of the tags and attributes around a passage: a UUID, a title, a date. */
const FRAME_TOKENS = 60;
/**
 * Cosine of raw n-gram vectors from which two whole notes are spelt nearly alike. Far above the calibrated threshold
 * for questions, because a user's notes share headings and words: two versions of one note had a cosine of 0.95, two
 * notes of one form about other things 0.25, which that threshold takes for the same
 * (`test/retrieval/packing.test.ts`).
 */
const REPEATS = 0.9;

/** Chooses what of the passages goes into a prompt. */
export type Packer = (passages: readonly Passage[]) => readonly Passage[];

/**
 * Packs passages into estimated tokens. Repetitions are found by spelling, with every embedder: no vector has to be
 * fetched.
 */
export function contextPacker(budgetTokens: number): Packer {
  return (passages) => {
    const vectors = new Map<string, Float32Array>();
    const vectorOf = (text: string): Float32Array => {
      const vector = vectors.get(text) ?? hashedNgrams(text);
      vectors.set(text, vector);
      return vector;
    };
    return pack(passages, {
      budgetTokens,
      tokensOf: (text) => estimateTokens(text) + FRAME_TOKENS,
      cut: (text, tokens) => fitTokens(text, tokens - FRAME_TOKENS).text,
      repeats: (kept, text) => dot(vectorOf(kept), vectorOf(text)) >= REPEATS,
    });
  };
}
