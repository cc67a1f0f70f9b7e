import { LRUCache } from "lru-cache";
import type { CoordinationStore } from "./coordination-store";
import { type LimitResult, paceOf, type RateLimit, takeOne } from "./gcra";

/** Bytes of cached values; the oldest go first. 64 MiB hold some ten thousand answers. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** Keys that are counted at once; an evicted key starts anew. */
const COUNTED_KEYS = 100_000;

interface HeldKey {
  readonly owner: string;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
}

/** Coordination among the requests of this process alone. */
export class MemoryCoordinationStore implements CoordinationStore {
  readonly hangs = false;
  readonly #locks = new Map<string, HeldKey>();
  readonly #paidUntilUs = new LRUCache<string, number>({ max: COUNTED_KEYS, ttlResolution: 0, ttl: 1 });
  readonly #cache = new LRUCache<string, Uint8Array>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (value, key) => value.byteLength + key.length,
    ttlResolution: 0,
    ttl: 1,
  });

  async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    if (this.#ownerOf(key) !== undefined) return false;
    this.#locks.set(key, { owner, until: performance.now() + ttlMs });
    return true;
  }

  async renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    if (this.#ownerOf(key) !== owner) return false;
    this.#locks.set(key, { owner, until: performance.now() + ttlMs });
    return true;
  }

  async release(key: string, owner: string): Promise<void> {
    if (this.#ownerOf(key) === owner) this.#locks.delete(key);
  }

  async take(key: string, limit: RateLimit): Promise<LimitResult> {
    const nowUs = Math.floor(performance.now() * 1000);
    const { paidUntilUs, result } = takeOne(this.#paidUntilUs.get(key), nowUs, paceOf(limit));
    this.#paidUntilUs.set(key, paidUntilUs, { ttl: Math.max(1, result.resetMs) });
    return result;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#cache.get(key);
  }

  async set(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    this.#cache.set(key, value, { ttl: ttlMs });
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    this.#locks.clear();
    this.#paidUntilUs.clear();
    this.#cache.clear();
  }

  #ownerOf(key: string): string | undefined {
    const held = this.#locks.get(key);
    if (held === undefined || held.until > performance.now()) return held?.owner;
    this.#locks.delete(key);
    return undefined;
  }
}
