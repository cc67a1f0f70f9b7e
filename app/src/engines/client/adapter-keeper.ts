import type { Endpoint } from "./endpoint";

/**
 * Who keeps adapters on endpoints. A call under an adapter, once it has a place at an endpoint, holds the adapter there
 * before it sends its request, and releases it when the answer is over: a held adapter is never unloaded.
 */
export interface AdapterKeeper {
  /**
   * Loads the adapter where it is missing.
   * @returns a function that lets it go; further calls do nothing
   * @throws AdapterAbsentError when the endpoint does not have it in time: nothing that the circuit breaker should
   * count, and no reason to try another endpoint. The caller falls back to the base model.
   */
  hold(endpoint: Endpoint, adapter: string, signal: AbortSignal): Promise<() => void>;
  /** The engine answered 404 for the adapter. Holding it once more loads it again. */
  lost(endpoint: Endpoint, adapter: string): void;
}
