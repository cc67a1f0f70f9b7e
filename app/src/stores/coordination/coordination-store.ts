import type { LimitResult, RateLimit } from "./gcra";

/**
 * What coordination rests on: Redis, or this process. Keys are complete; owners are secrets of who took a lock. Every
 * method throws `AppError` `STORE_UNAVAILABLE` where the store does not answer.
 */
export interface CoordinationStore {
  /** Whether it hangs, as far as is known: nothing is sent to it until it answers a probe. */
  readonly hangs: boolean;
  /** Takes a free key for `ttlMs`. @returns whether it was free */
  acquire(key: string, owner: string, ttlMs: number): Promise<boolean>;
  /** @returns false where another owner, or none, holds the key */
  renew(key: string, owner: string, ttlMs: number): Promise<boolean>;
  /** Gives the key back where `owner` holds it. */
  release(key: string, owner: string): Promise<void>;
  /** Counts one more event under the key, where the limit lets it. */
  take(key: string, limit: RateLimit): Promise<LimitResult>;
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
  /** @throws AppError `STORE_UNAVAILABLE` */
  check(): Promise<void>;
  close(): Promise<void>;
}
