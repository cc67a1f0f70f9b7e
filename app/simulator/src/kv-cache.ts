import { type EngineTiming, kvCacheBytes } from "./timing";

/** A full block of a prompt whose keys and values are computed. Blocks of one beginning share their parents. */
interface Block {
  /** Its siblings and itself, by their content. */
  readonly siblings: Map<string, Block>;
  readonly key: string;
  readonly bytes: number;
  readonly children: Map<string, Block>;
  /** Sequences that hold it. At 0 it stays as cache until its room is needed. */
  holders: number;
}

/** A prompt as the cache sees it. */
export interface CachedPrompt {
  /** Tokens. */
  readonly length: number;
  /** The content of each full block of it; blocks are alike where these are. Empty for a prompt that shares nothing. */
  readonly blocks: readonly string[];
}

/** Cuts a prompt into the blocks of the cache. */
export function cachedPrompt(tokens: readonly string[], blockTokens: number): CachedPrompt {
  const full = Math.floor(tokens.length / blockTokens);
  const blocks = Array.from({ length: full }, (_, index) =>
    tokens.slice(index * blockTokens, (index + 1) * blockTokens).join("\u{0}"),
  );
  return { length: tokens.length, blocks };
}

/** What one sequence holds of the cache. */
export interface KvLease {
  /** Prompt tokens that were found, so that only the others are computed. */
  readonly cachedTokens: number;
  /** Room for so many tokens. */
  tokens: number;
  /** Blocks that others may share. */
  blocks: Block[];
  /** Bytes that belong to this sequence alone. */
  ownBytes: number;
}

export interface KvCacheOptions {
  readonly timing: EngineTiming;
  readonly budgetBytes: number;
  readonly blockTokens: number;
  /** Whether prompts with the same beginning share it. */
  readonly prefixCaching: boolean;
}

/**
 * The KV cache in blocks, as vLLM keeps it: a block of a prompt can be shared by every later prompt that begins alike,
 * and the least recently used blocks that no sequence holds are given up first, a prompt's end before its beginning. A
 * block behind the sliding window costs less, because only the global layers keep it.
 */
export class KvCache {
  readonly #options: KvCacheOptions;
  /** First blocks by family. */
  readonly #roots = new Map<string, Map<string, Block>>();
  /** Free blocks, the least recently used first. */
  readonly #unheld = new Set<Block>();
  #heldBytes = 0;
  #unheldBytes = 0;

  constructor(options: KvCacheOptions) {
    this.#options = options;
  }

  /** Share that running sequences hold, 0–1. Blocks kept as cache count as free. */
  get usage(): number {
    return Math.min(1, this.#heldBytes / this.#options.budgetBytes);
  }

  /** Whether a sequence of so many tokens could ever run. */
  couldHold(tokens: number): boolean {
    return this.#bytesUpTo(this.#wholeBlocks(tokens)) <= this.#options.budgetBytes;
  }

  /**
   * Room for a sequence's tokens, of which it brings the prompt; undefined where there is none.
   * @param family blocks are shared within one: the adapter that computes them
   * @param tokens prompt and what is already generated
   */
  lease(family: string, prompt: CachedPrompt, tokens: number): KvLease | undefined {
    const blocks = this.#options.prefixCaching ? this.#find(family, prompt) : [];
    const cachedTokens = blocks.length * this.#options.blockTokens;
    const room = this.#wholeBlocks(tokens);
    const ownBytes = this.#bytesUpTo(room) - this.#bytesUpTo(cachedTokens);
    for (const block of blocks) this.#hold(block);
    if (!this.#makeRoom(ownBytes)) {
      for (const block of blocks.toReversed()) this.#letGo(block);
      return undefined;
    }
    this.#heldBytes += ownBytes;
    return { cachedTokens, tokens: room, blocks, ownBytes };
  }

  /** Room for one more token; false where there is none. */
  extend(lease: KvLease, tokens: number): boolean {
    if (tokens <= lease.tokens) return true;
    const room = this.#wholeBlocks(tokens);
    const bytes = this.#bytesUpTo(room) - this.#bytesUpTo(lease.tokens);
    if (!this.#makeRoom(bytes)) return false;
    this.#heldBytes += bytes;
    lease.ownBytes += bytes;
    lease.tokens = room;
    return true;
  }

  /** Lets other sequences share the prompt of one that has read it. */
  publish(lease: KvLease, family: string, prompt: CachedPrompt): void {
    if (!this.#options.prefixCaching) return;
    const { blockTokens } = this.#options;
    for (let index = lease.blocks.length; index < prompt.blocks.length; index += 1) {
      const siblings = lease.blocks[index - 1]?.children ?? this.#root(family);
      const key = prompt.blocks[index] ?? "";
      const twin = siblings.get(key);
      const bytes = twin?.bytes ?? this.#bytesUpTo((index + 1) * blockTokens) - this.#bytesUpTo(index * blockTokens);
      const block = twin ?? { siblings, key, bytes, children: new Map(), holders: 0 };
      if (twin === undefined) siblings.set(key, block);
      // The bytes change their owner: another sequence's block of the same tokens replaces this one's own.
      lease.ownBytes -= bytes;
      this.#heldBytes -= bytes;
      this.#hold(block, twin === undefined);
      lease.blocks.push(block);
    }
  }

  /** Gives a sequence's room back. What can be shared stays as cache. */
  release(lease: KvLease): void {
    this.#heldBytes -= lease.ownBytes;
    lease.ownBytes = 0;
    for (const block of lease.blocks.toReversed()) this.#letGo(block);
    lease.blocks = [];
  }

  /** Forgets everything, as a restart does. Nothing may be leased. */
  clear(): void {
    this.#roots.clear();
    this.#unheld.clear();
    this.#unheldBytes = 0;
  }

  #find(family: string, prompt: CachedPrompt): Block[] {
    // The last token is always computed: the answer's first token comes of it.
    const most = Math.min(prompt.blocks.length, Math.floor((prompt.length - 1) / this.#options.blockTokens));
    const blocks: Block[] = [];
    let level: ReadonlyMap<string, Block> = this.#root(family);
    while (blocks.length < most) {
      const block = level.get(prompt.blocks[blocks.length] ?? "");
      if (block === undefined) break;
      blocks.push(block);
      level = block.children;
    }
    return blocks;
  }

  #root(family: string): Map<string, Block> {
    const known = this.#roots.get(family);
    if (known !== undefined) return known;
    const root = new Map<string, Block>();
    this.#roots.set(family, root);
    return root;
  }

  #hold(block: Block, isNew = false): void {
    if (block.holders === 0) {
      if (!isNew && this.#unheld.delete(block)) this.#unheldBytes -= block.bytes;
      this.#heldBytes += block.bytes;
    }
    block.holders += 1;
  }

  #letGo(block: Block): void {
    block.holders -= 1;
    if (block.holders > 0) return;
    this.#heldBytes -= block.bytes;
    this.#unheldBytes += block.bytes;
    this.#unheld.add(block);
  }

  #makeRoom(bytes: number): boolean {
    const { budgetBytes } = this.#options;
    if (this.#heldBytes + bytes > budgetBytes) return false;
    for (const block of this.#unheld) {
      if (this.#heldBytes + this.#unheldBytes + bytes <= budgetBytes) break;
      // A prompt's blocks are released from its end, so the first one here has no children left.
      this.#unheld.delete(block);
      this.#unheldBytes -= block.bytes;
      block.siblings.delete(block.key);
    }
    return true;
  }

  #wholeBlocks(tokens: number): number {
    const { blockTokens } = this.#options;
    return Math.ceil(tokens / blockTokens) * blockTokens;
  }

  #bytesUpTo(tokens: number): number {
    return kvCacheBytes(tokens, this.#options.timing);
  }
}
