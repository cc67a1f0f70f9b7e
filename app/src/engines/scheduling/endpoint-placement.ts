import type { DispatchEndpoint } from "./dispatch-endpoint";
import type { EndpointState } from "./endpoint-state";
import type { Job } from "./job";
import { cachedTokens } from "./uncached";

/**
 * What loading an adapter first is worth, in prompt tokens: about a second of an L4's time, for some 0.1 GB of weights
 * (rank 16 on a 12B model) that are fetched, copied to the GPU and take another adapter's place. An estimate.
 */
const ADAPTER_LOAD_TOKENS = 2_500;

/**
 * What a token in flight costs the newcomer, in prompt tokens. At each step of its answer the token's keys and values
 * are read: 384 KiB at 300 GB/s, 1.3 µs. Over an answer of 150 tokens that is 0.2 ms, half of the 0.4 ms that one L4
 * takes to read a prompt token at 2,500 tokens/s. (NVIDIA Dynamo's KV router adds the same two terms, with weight 1:
 * https://docs.nvidia.com/dynamo/latest/components/router/README.html)
 */
const TOKEN_IN_FLIGHT = 0.5;

/** An endpoint that may be sent requests now. */
export interface Candidate<E extends DispatchEndpoint> {
  readonly endpoint: E;
  readonly state: EndpointState;
}

/** Where a job goes. */
export interface Placement<E extends DispatchEndpoint> extends Candidate<E> {
  /** Tokens that the endpoint probably need not read. */
  readonly cachedTokens: number;
}

/** Whether the endpoint has a place, and so little left to read that it would soon be idle. */
export function isOpen<E extends DispatchEndpoint>(candidate: Candidate<E>, prefillWindowTokens: number): boolean {
  return hasPlace(candidate) && candidate.state.prefillTokens < prefillWindowTokens;
}

/**
 * The endpoint where a job costs least, in prompt tokens: what must be read there before its own first token (prompts
 * that were sent before, its own as far as it is not cached, an adapter that is not loaded), and what the answers in
 * flight there will cost it.
 *
 * Only open endpoints are considered, and others with a place on which the job would have its first token earlier
 * still: to wait there for its cached prefix takes less than to read all of it anew.
 *
 * @returns nothing where no endpoint is open
 */
export function place<E extends DispatchEndpoint>(
  job: Job,
  candidates: readonly Candidate<E>[],
  prefillWindowTokens: number,
): Placement<E> | undefined {
  const open = (candidate: Candidate<E>) => isOpen(candidate, prefillWindowTokens);
  if (!candidates.some(open)) return undefined;
  const offers = candidates.filter(hasPlace).map((candidate) => offer(job, candidate, open(candidate)));
  const soonest = Math.min(...offers.filter((each) => each.open).map((each) => each.toFirstToken));
  return offers
    .filter((each) => each.open || each.toFirstToken < soonest)
    .reduce((best, each) => (each.cost < best.cost ? each : best));
}

function hasPlace<E extends DispatchEndpoint>({ endpoint, state }: Candidate<E>): boolean {
  return state.inFlight < endpoint.slots;
}

function offer<E extends DispatchEndpoint>(job: Job, { endpoint, state }: Candidate<E>, open: boolean) {
  const cached = cachedTokens(job, state.cache.heldBlocks(job.prefix));
  const adapterTokens = job.adapter === undefined || endpoint.hasAdapter(job.adapter) ? 0 : ADAPTER_LOAD_TOKENS;
  const avoided = job.avoid?.includes(endpoint.id) ? Number.MAX_SAFE_INTEGER : 0;
  const toFirstToken = state.prefillTokens + job.promptTokens - cached + adapterTokens + avoided;
  const cost = toFirstToken + TOKEN_IN_FLIGHT * state.activeTokens;
  return { endpoint, state, open, cachedTokens: cached, toFirstToken, cost };
}
