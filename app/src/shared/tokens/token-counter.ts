import { ESTIMATE_ERROR_SHARE, estimateTokens } from "./estimate";

/** Counts the tokens of prompts. */
export interface TokenCounter {
  /** By how much a count may be off, as a share of it: 0 for a tokenizer's own. */
  readonly errorShare: number;
  /** Tokens of a text, special tokens not included. A number, not a promise, where no tokenizer is involved. */
  count(text: string): number | Promise<number>;
  /** Ends the tokenizer. Counts in progress are then estimated. */
  close(): Promise<void>;
}

/** Counts by script, see `estimateTokens`. */
export const estimatingCounter: TokenCounter = {
  errorShare: ESTIMATE_ERROR_SHARE,
  count: estimateTokens,
  async close() {},
};
