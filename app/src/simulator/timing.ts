/**
 * How long Gemma-3-12B at 4 bits takes on one L4 (24 GB, 300 GB/s, 121 TFLOPS fp16). A model of throughput, not of a
 * GPU: good enough to see queues, streaming and time-outs as they will be.
 */
export const L4_GEMMA_12B = {
  /** Name under which the simulator serves. Source: second document's phase-1 model id. */
  model: "gemma3-12b-it-gptq",
  /** Tokens/s. About 7.6 GB are read a step, so 300 GB/s allow 40 steps a second for a single stream. */
  decodeTokensPerSecond: 40,
  /** Tokens/s over all streams together. Published for w4a16 on GKE: 446; the ideal is about 450. */
  aggregateDecodeTokensPerSecond: 446,
  /** Tokens/s. The ceiling is about 5.6k; 40 to 50 % of it is what to plan with. */
  prefillTokensPerSecond: 2_500,
  /** Sequences in a batch. Source: 30 concurrent requests on one L4, second document. */
  maxSequences: 30,
  /** Tokens that 10 GiB of KV cache hold: some 26 sequences of 1,024 tokens at 384 MiB each. */
  kvCacheTokens: 26 * 1_024,
} as const;

/** Characters of a token in the simulator's own count; it has no tokenizer. Source: specification §2, chars/3.5. */
const CHARS_PER_TOKEN = 3.5;

/** A text in the pieces in which it is streamed. Joined they are the text again. */
export function toTokens(text: string): string[] {
  const size = Math.floor(CHARS_PER_TOKEN);
  // By code point, so that no emoji is torn in two.
  const characters = [...text];
  const tokens: string[] = [];
  for (let start = 0; start < characters.length; start += size)
    tokens.push(characters.slice(start, start + size).join(""));
  return tokens;
}

/** Tokens of a prompt. */
export function countTokens(text: string): number {
  return Math.ceil([...text].length / CHARS_PER_TOKEN);
}

/** Milliseconds to the next token of each stream while `running` streams share the GPU. */
export function decodeStepMs(running: number): number {
  const { decodeTokensPerSecond, aggregateDecodeTokensPerSecond } = L4_GEMMA_12B;
  return 1000 / Math.min(decodeTokensPerSecond, aggregateDecodeTokensPerSecond / Math.max(1, running));
}

/** Milliseconds to read a prompt of so many tokens. */
export function prefillMs(promptTokens: number): number {
  return (promptTokens / L4_GEMMA_12B.prefillTokensPerSecond) * 1000;
}
