import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../shared/errors/app-error";
import { StoreHangsError } from "../store-circuit";
import type { CoordinationStore } from "./coordination-store";
import type { LimitResult, RateLimit } from "./gcra";
import { HeldLock, type Lock, unlocked } from "./lock";

export interface CoordinationOptions {
  readonly store: CoordinationStore;
  /** Seconds that a lock lives without being renewed. */
  readonly lockTtlSeconds: number;
  /** Answer 503 rather than work unlocked and unlimited while the store is away. */
  readonly lockRequired: boolean;
}

/** Keys of the gateway begin with this, so that a Redis can be shared. */
const PREFIX = "terrace:";
/** 128 bits: an owner mark cannot be guessed. Source: R-81. */
const OWNER_BYTES = 16;
/** Milliseconds between tries to give back what may have been taken. */
const GIVE_BACK_RETRY_MS = 1_000;

/**
 * Locks, limits and a cache that all gateways share. While the store is away:
 *
 * |        | `LOCK_REQUIRED=true` | otherwise            |
 * | ------ | -------------------- | -------------------- |
 * | locks  | 503                  | work goes on unlocked |
 * | limits | 503                  | everything is allowed |
 * | cache  | a miss               | a miss               |
 */
export class Coordination {
  readonly #store: CoordinationStore;
  readonly #lockTtlMs: number;
  readonly #required: boolean;
  readonly #closing = new AbortController();

  constructor({ store, lockTtlSeconds, lockRequired }: CoordinationOptions) {
    this.#store = store;
    this.#lockTtlMs = lockTtlSeconds * 1000;
    this.#required = lockRequired;
  }

  /**
   * Takes a lock, which is renewed until it is given back.
   * @param ttlMs @default `LOCK_TTL_SECONDS`
   * @returns undefined where another owner holds it
   * @throws AppError `STORE_UNAVAILABLE` while the store is away and locks are required
   */
  async lock(key: string, ttlMs = this.#lockTtlMs): Promise<Lock | undefined> {
    const full = `${PREFIX}lock:${key}`;
    const owner = randomBytes(OWNER_BYTES).toString("hex");
    const takenAt = performance.now();
    try {
      const free = await this.#store.acquire(full, owner, ttlMs);
      return free ? new HeldLock(this.#store, full, owner, ttlMs, takenAt) : undefined;
    } catch (thrown) {
      // The store may have taken the key though its answer was lost: it would stay taken for its whole time.
      if (mayHaveHappened(thrown)) void this.#giveBack(full, owner, takenAt + ttlMs);
      if (this.#required) throw thrown;
      return unlocked();
    }
  }

  /**
   * Counts one event under the key.
   * @throws AppError `STORE_UNAVAILABLE` while the store is away and locks are required
   */
  async limit(key: string, limit: RateLimit): Promise<LimitResult> {
    try {
      return await this.#store.take(`${PREFIX}limit:${key}`, limit);
    } catch (thrown) {
      if (this.#required) throw thrown;
      return { allowed: true, remaining: limit.events, retryAfterMs: 0, resetMs: 0 };
    }
  }

  /** @returns undefined where nothing is cached, or the store is away */
  async cached(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#store.get(`${PREFIX}cache:${key}`);
    } catch {
      return undefined;
    }
  }

  /** Caches a value; does nothing while the store is away. */
  async cache(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    await this.#store.set(`${PREFIX}cache:${key}`, value, ttlMs).catch(() => {});
  }

  /** Whether the store hangs, as far as is known: everything goes on at once as while it is away. */
  get hangs(): boolean {
    return this.#store.hangs;
  }

  /** @throws AppError `STORE_UNAVAILABLE` where the store does not answer */
  async check(): Promise<void> {
    await this.#store.check();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#store.close();
  }

  async #giveBack(key: string, owner: string, until: number): Promise<void> {
    while (!this.#closing.signal.aborted && performance.now() < until) {
      try {
        await this.#store.release(key, owner);
        return;
      } catch {
        await delay(GIVE_BACK_RETRY_MS, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
      }
    }
  }
}

/** Whether a call that failed may have reached the store nevertheless. */
function mayHaveHappened(thrown: unknown): boolean {
  const cause = thrown instanceof AppError ? thrown.cause : thrown;
  return !(cause instanceof StoreHangsError) || cause.called;
}
