import type { Capacity } from "./endpoint-capacity";
import { PrefixCacheModel } from "./prefix-cache-model";

/**
 * Tokens from which an endpoint has enough to read for its rate to be measured: half of a step's budget on an L4. With
 * less, a step takes as long as reading the weights takes, however few tokens it has.
 */
const MEASURED_FROM_TOKENS = 1_024;

/** The dispatcher's account of one endpoint. */
export class EndpointState {
  readonly cache: PrefixCacheModel;
  readonly #capacity: Capacity;
  #inFlight = 0;
  #prefillTokens = 0;
  #activeTokens = 0;
  /** Since when the prefill rate has been measured, and what was read since. */
  #measuredFrom: number | undefined;

  constructor(prefixCacheTokens: number, capacity: Capacity) {
    this.cache = new PrefixCacheModel(prefixCacheTokens);
    this.#capacity = capacity;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Uncached tokens of the prompts that were sent there and have no first token yet. */
  get prefillTokens(): number {
    return this.#prefillTokens;
  }

  /** Tokens of prompts and expected answers in flight: what its KV cache holds for them. */
  get activeTokens(): number {
    return this.#activeTokens;
  }

  dispatched(now: number, uncachedTokens: number, activeTokens: number): void {
    this.#inFlight += 1;
    this.#activeTokens += activeTokens;
    this.#prefillTokens += uncachedTokens;
    if (this.#prefillTokens >= MEASURED_FROM_TOKENS) this.#measuredFrom ??= now;
  }

  /** @param seen whether the first token was seen, rather than given up or only reckoned */
  prefillEnded(now: number, uncachedTokens: number, seen: boolean): void {
    this.#prefillTokens -= uncachedTokens;
    if (this.#measuredFrom === undefined) return;
    if (seen) this.#capacity.prefilled(uncachedTokens, now - this.#measuredFrom);
    this.#measuredFrom = this.#prefillTokens >= MEASURED_FROM_TOKENS ? now : undefined;
  }

  released(activeTokens: number): void {
    this.#inFlight -= 1;
    this.#activeTokens -= activeTokens;
  }
}
