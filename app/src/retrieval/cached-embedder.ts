import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Embedder, EmbeddingKind } from "./embedder";

/** Source: R-82. */
const MOST_TEXTS = 1_000;
const SHRINK_TO = 500;

/**
 * Characters of a text that are embedded. No embedder in use reads more than 8,192 tokens, most read 512 and cut the rest
 * off themselves; a text of megabytes would only hold up everything else meanwhile.
 */
const MOST_CHARS = 8_192;

/** Remembers the vectors of texts: at most 1,000, of which the 500 used last stay when one more comes. */
export class CachedEmbedder implements Embedder {
  readonly #inner: Embedder;
  readonly #vectors = new LRUCache<string, Float32Array>({ max: MOST_TEXTS });

  constructor(inner: Embedder) {
    this.#inner = inner;
  }

  get id(): string {
    return this.#inner.id;
  }

  get dim(): number {
    return this.#inner.dim;
  }

  /** Texts that are remembered. */
  get size(): number {
    return this.#vectors.size;
  }

  async embed(whole: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<readonly Float32Array[]> {
    const texts = whole.map((text) => text.slice(0, MOST_CHARS));
    const keys = texts.map((text) => `${kind} ${createHash("sha256").update(text).digest("base64")}`);
    const known = new Map(keys.map((key) => [key, this.#vectors.get(key)]));
    const missing = new Map(keys.flatMap((key, index) => (known.get(key) ? [] : [[key, texts[index] ?? ""] as const])));
    if (missing.size > 0) {
      const vectors = await this.#inner.embed([...missing.values()], kind, signal);
      for (const [index, key] of [...missing.keys()].entries()) {
        const vector = vectors[index];
        known.set(key, vector);
        if (vector !== undefined) this.#remember(key, vector);
      }
    }
    return keys.map((key) => {
      const vector = known.get(key);
      if (vector === undefined) throw new RangeError(`${this.id} gave fewer vectors than texts`);
      return vector;
    });
  }

  #remember(key: string, vector: Float32Array): void {
    // In one go, so that a stream of new texts does not push out one old text for each.
    if (this.#vectors.size >= MOST_TEXTS) while (this.#vectors.size > SHRINK_TO) this.#vectors.pop();
    this.#vectors.set(key, vector);
  }
}
