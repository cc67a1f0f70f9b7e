import type { DispatchEndpoint } from "./dispatch-endpoint";
import type { Capacity } from "./endpoint-capacity";
import type { Candidate } from "./endpoint-placement";
import { EndpointState } from "./endpoint-state";
import type { Job } from "./job";
import { cachedTokens } from "./uncached";
import type { Outlook } from "./waiting-queue";

/** Tokens in 10 GiB of KV cache: some 26 sequences of 1,024 tokens of Gemma 3 12B (docs/capacity.md). */
const KV_CACHE_TOKENS = 26 * 1_024;

export interface EndpointStatesOptions<E extends DispatchEndpoint> {
  /** The endpoints there are now, available or not. */
  readonly endpoints: () => readonly E[];
  /** Tokens that an endpoint's prefix cache holds. @default 26624: Gemma 3 12B on one L4 */
  readonly prefixCacheTokens?: number | undefined;
  readonly capacity: Capacity;
}

/** A model's endpoints, and the account that is kept of each while it is there, or something is in flight to it. */
export class EndpointStates<E extends DispatchEndpoint> {
  readonly #options: EndpointStatesOptions<E>;
  readonly #states = new Map<string, EndpointState>();
  #candidates: readonly Candidate<E>[] = [];

  constructor(options: EndpointStatesOptions<E>) {
    this.#options = options;
  }

  /** The endpoints that were available at the last {@link look}. */
  get candidates(): readonly Candidate<E>[] {
    return this.#candidates;
  }

  /** Their places, taken or not. */
  get slots(): number {
    return this.#candidates.reduce((sum, { endpoint }) => sum + endpoint.slots, 0);
  }

  /** Refreshes which endpoints are available. */
  look(): void {
    this.#candidates = this.#options
      .endpoints()
      .filter((endpoint) => endpoint.available())
      .map((endpoint) => ({ endpoint, state: this.#stateOf(endpoint.id) }));
  }

  /** Forgets endpoints that are gone for good. */
  prune(): void {
    const listed = new Set(this.#options.endpoints().map((endpoint) => endpoint.id));
    for (const [id, state] of this.#states) if (!listed.has(id) && state.inFlight === 0) this.#states.delete(id);
  }

  /** What a job would cost at the endpoint that holds most of it. */
  outlook(job: Job): Outlook {
    const held = Math.max(0, ...this.#candidates.map(({ state }) => state.cache.heldBlocks(job.prefix)));
    return { uncachedTokens: job.promptTokens - cachedTokens(job, held), missing: job.prefix.hashes[held] };
  }

  inFlight(endpointId: string): number {
    return this.#states.get(endpointId)?.inFlight ?? 0;
  }

  forgetCache(endpointId: string): void {
    this.#states.get(endpointId)?.cache.clear();
  }

  #stateOf(id: string): EndpointState {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const { prefixCacheTokens = KV_CACHE_TOKENS, capacity } = this.#options;
    const state = new EndpointState(prefixCacheTokens, capacity);
    this.#states.set(id, state);
    return state;
  }
}
