import { hashedNgrams, NGRAM_DIMENSIONS } from "../shared/hashed-ngrams";
import type { Embedder } from "./embedder";

/**
 * Character n-grams, hashed: what runs where no embedding model does. It compares spelling, not meaning: texts are near
 * when they share words or parts of words, whatever the language, and a paraphrase in other words is not found. Answers
 * name it. Counts are damped (√n), so that a word repeated ten times does not drown the others.
 */
export const HASHED_NGRAMS: Embedder = {
  id: "hashed-ngrams-v1",
  dim: NGRAM_DIMENSIONS,
  async embed(texts) {
    return texts.map(hashedNgrams);
  },
};
