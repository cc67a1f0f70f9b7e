import type { CoordinationStore } from "./coordination-store";

/** A lock that this process holds. */
export interface Lock {
  /**
   * False where Redis was away and `LOCK_REQUIRED` is off: nothing is excluded.
   */
  readonly exclusive: boolean;
  /**
   * Aborted when the lock is lost, because renewing it failed for its whole time or another owner has it: stop working.
   */
  readonly lost: AbortSignal;
  /** Gives it back, where it is still ours. Never throws: it would end by itself. */
  release(): Promise<void>;
}

/** A lock is renewed after this share of its time, so that two renewals may fail. Source: R-81. */
const RENEW_SHARE = 1 / 3;
/** Milliseconds between tries after a renewal failed. */
const RETRY_MS = 1_000;

/** A key that is taken in the store, renewed until it is given back. */
export class HeldLock implements Lock {
  readonly exclusive = true;
  readonly #store: CoordinationStore;
  readonly #key: string;
  readonly #owner: string;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds of the monotonic clock: until then the store keeps everybody else out. */
  #heldUntil: number;

  /** @param takenAt when the request for the key was sent, not when it was answered */
  constructor(store: CoordinationStore, key: string, owner: string, ttlMs: number, takenAt: number) {
    this.#store = store;
    this.#key = key;
    this.#owner = owner;
    this.#ttlMs = ttlMs;
    this.#heldUntil = takenAt + ttlMs;
    this.#schedule(ttlMs * RENEW_SHARE);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#store.release(this.#key, this.#owner).catch(() => {});
  }

  #schedule(ms: number): void {
    const untilLost = Math.max(0, this.#heldUntil - performance.now());
    this.#timer = setTimeout(() => void this.#renew(), Math.min(ms, untilLost)).unref();
  }

  async #renew(): Promise<void> {
    const timer = this.#timer;
    const sentAt = performance.now();
    try {
      const ours = await this.#store.renew(this.#key, this.#owner, this.#ttlMs);
      // Released meanwhile.
      if (this.#timer !== timer) return;
      if (!ours) return this.#lose("somebody else may have it");
      this.#heldUntil = sentAt + this.#ttlMs;
      this.#schedule(this.#ttlMs * RENEW_SHARE);
    } catch (thrown) {
      if (this.#timer !== timer) return;
      if (performance.now() >= this.#heldUntil) this.#lose("it could not be renewed", thrown);
      else this.#schedule(Math.min(RETRY_MS, this.#ttlMs * RENEW_SHARE));
    }
  }

  #lose(why: string, cause?: unknown): void {
    this.#timer = undefined;
    this.#lost.abort(new Error(`the lock ${this.#key} is lost: ${why}`, { cause }));
  }
}

/** In a lock's place while Redis is away and locks are not required. */
export function unlocked(): Lock {
  return { exclusive: false, lost: new AbortController().signal, release: async () => {} };
}
