import type { Job } from "./job";

/** Tokens of a block of vLLM's prefix cache: only whole blocks are kept. Its default `--block-size`. */
const ENGINE_BLOCK_TOKENS = 16;

/** Tokens of a job's prompt that an engine need not read, which holds so many blocks of its prefix. */
export function cachedTokens({ promptTokens, prefix }: Job, heldBlocks: number): number {
  const tokens = Math.floor((heldBlocks * prefix.tokensPerBlock) / ENGINE_BLOCK_TOKENS) * ENGINE_BLOCK_TOKENS;
  // Of a prompt that is cached as a whole the last token is still read, or there would be nothing to go on from.
  return Math.max(0, Math.min(tokens, promptTokens - 1));
}
