/**
 * Characters of a block. About 64 tokens of English: four of vLLM's blocks of 16, so an estimate loses at most those.
 */
const BLOCK_CHARS = 256;

/** Any number but 0, which a text of zeros would leave as it is. Source: FNV's offset basis. */
const SEED = 0x811c9dc5;

/** Fingerprints of what a prompt begins with, to be compared with what an engine has read before. */
export interface PromptPrefix {
  /** One for each whole block; each also covers all blocks before it. Longest prefix last. */
  readonly hashes: readonly number[];
  /** Tokens that one block holds on average in this prompt. */
  readonly tokensPerBlock: number;
}

/** Of a prompt that shares nothing with any other. */
export const NO_PREFIX: PromptPrefix = { hashes: [], tokensPerBlock: 0 };

/**
 * The prefix of a rendered prompt.
 * @param prompt all text that the engine will read, in its order: system prompt, history, question
 * @param promptTokens tokens of that text
 * @param adapter engines keep the caches of adapters apart, so the same text under another adapter shares nothing
 */
export function promptPrefix(prompt: string, promptTokens: number, adapter = ""): PromptPrefix {
  const blocks = Math.floor(prompt.length / BLOCK_CHARS);
  if (blocks === 0) return NO_PREFIX;
  let hash = mix(SEED, adapter, 0, adapter.length);
  const hashes = new Array<number>(blocks);
  for (let block = 0; block < blocks; block += 1) {
    hash = mix(hash, prompt, block * BLOCK_CHARS, (block + 1) * BLOCK_CHARS);
    hashes[block] = hash >>> 1;
  }
  return { hashes, tokensPerBlock: (promptTokens * BLOCK_CHARS) / prompt.length };
}

/**
 * Hashes two characters at a time. Of 31 bits, which V8 keeps without an allocation: of two different blocks that an
 * engine may hold, one in two billion is taken for the other, and then an estimate is wrong. It is on the path of
 * every request, where a digest of `node:crypto` would cost more than everything else in here.
 */
function mix(seed: number, text: string, start: number, end: number): number {
  let hash = seed;
  for (let index = start; index < end; index += 2) {
    const pair = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
    hash = Math.imul(hash ^ pair, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  // What ends a block is mixed as well as what began it.
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
