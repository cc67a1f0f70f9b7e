import type { RequestClass } from "./job";

/** What an order may look at. */
export interface Standing {
  readonly class: RequestClass;
  readonly promptTokens: number;
  /** Tokens of the prompt that no endpoint has cached, as far as estimated. */
  readonly uncachedTokens: number;
  /** When the job arrived, in seconds of the dispatcher's clock. */
  readonly arrivedSeconds: number;
}

/** In which order waiting jobs get their places. */
export interface Order {
  /**
   * Least first; equal keys go by arrival. It must not depend on the time: what a job gains by waiting, all gain alike,
   * so a key that counts from the job's arrival orders them the same at any moment, and nothing is ever sorted again.
   */
  key(standing: Standing): number;
  /** Whether interactive jobs go before batch ones and batch is held to its share. Otherwise the key alone decides. */
  readonly classes: boolean;
}

/** By arrival, classes or not. */
export const FIFO: Order = { key: () => 0, classes: false };

/**
 * By uncached prefill tokens, of which each second of waiting takes `agingTokensPerSecond` off. Between two jobs that
 * wait, `uncached - rate * (now - arrived)` and `uncached + rate * arrived` differ by the same `rate * now`.
 *
 * The longest wait is bounded: a job with `u` uncached tokens is overtaken by none that arrives more than `u / rate`
 * seconds after it. docs/scheduling.md has the proof.
 */
export function prefillOrder(agingTokensPerSecond: number): Order {
  return {
    key: ({ uncachedTokens, arrivedSeconds }) => uncachedTokens + agingTokensPerSecond * arrivedSeconds,
    classes: true,
  };
}
