/** Characters of a block. About 64 tokens of English: four of vLLM's blocks of 16, so an estimate loses at most those. */
const BLOCK_CHARS = 256;

/** Fingerprints of what a prompt begins with, to be compared with what an engine has read before. */
export interface PromptPrefix {
  /** One for each whole block; each also stands for all blocks before it. Longest prefix last. */
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
  const state: HashState = { a: 0x811c9dc5, b: 0x9747b28c };
  mix(state, adapter, 0, adapter.length);
  const hashes = new Array<number>(blocks);
  for (let block = 0; block < blocks; block += 1) {
    mix(state, prompt, block * BLOCK_CHARS, (block + 1) * BLOCK_CHARS);
    hashes[block] = digest(state);
  }
  return { hashes, tokensPerBlock: (promptTokens * BLOCK_CHARS) / prompt.length };
}

/** Two lanes of 32 bits: a collision only makes an estimate wrong, and is as rare as 2^-53 for a pair of blocks. */
interface HashState {
  a: number;
  b: number;
}

/** Multiplicative hash of two characters at a time; on the path of every request, so no digest of `node:crypto`. */
function mix(state: HashState, text: string, start: number, end: number): void {
  let { a, b } = state;
  for (let index = start; index < end; index += 2) {
    const pair = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
    a = Math.imul(a ^ pair, 0x85ebca6b);
    a ^= a >>> 15;
    b = Math.imul(b + pair, 0xc2b2ae35);
    b ^= b >>> 13;
  }
  state.a = a;
  state.b = b;
}

function digest({ a, b }: HashState): number {
  return (a >>> 0) * 0x200000 + (b >>> 11);
}
