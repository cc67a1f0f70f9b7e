import type { PromptPrefix } from "./prompt-prefix";

/**
 * What one engine's prefix cache probably holds, estimated from what it was sent. As vLLM does, it forgets the block
 * that was used longest ago, and of one prompt's blocks the last first
 * (https://docs.vllm.ai/en/latest/design/prefix_caching/). So wherever a block is held, all blocks before it are.
 */
export class PrefixCacheModel {
  /** Hash of a block → its tokens, least recently used first. */
  readonly #blocks = new Map<number, number>();
  readonly #capacityTokens: number;
  #tokens = 0;

  constructor(capacityTokens: number) {
    this.#capacityTokens = capacityTokens;
  }

  /** Blocks of the prompt that are held, counted from its beginning. */
  heldBlocks({ hashes }: PromptPrefix): number {
    // Held blocks are a beginning of the list, so the border can be found by halving.
    let low = 0;
    let high = hashes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks.has(hashes[middle] ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Takes note of a prompt that the engine reads.
   * @returns the hashes that it did not hold before
   */
  read({ hashes, tokensPerBlock }: PromptPrefix): number[] {
    const added: number[] = [];
    for (let index = hashes.length - 1; index >= 0; index -= 1) {
      const hash = hashes[index] ?? 0;
      const held = this.#blocks.get(hash);
      if (held === undefined) {
        added.push(hash);
        this.#tokens += tokensPerBlock;
      } else {
        this.#blocks.delete(hash);
      }
      this.#blocks.set(hash, held ?? tokensPerBlock);
    }
    for (const [hash, tokens] of this.#blocks) {
      if (this.#tokens <= this.#capacityTokens) break;
      this.#blocks.delete(hash);
      this.#tokens -= tokens;
    }
    return added;
  }

  clear(): void {
    this.#blocks.clear();
    this.#tokens = 0;
  }
}
