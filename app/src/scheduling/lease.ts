import type { DispatchEndpoint } from "./dispatch-endpoint";

/** What came of a request that had a place. */
export interface Outcome {
  /** Tokens of the answer. Teaches how fast answers are. @default nothing is learnt about that */
  readonly completionTokens?: number | undefined;
  /** The engine did not serve it: nothing is learnt from its timing, and its prompt is taken for uncached there. */
  readonly failed?: boolean | undefined;
}

/** A place at an endpoint. Whoever acquired it must release it, whatever happens. */
export interface Lease<E extends DispatchEndpoint> {
  readonly endpoint: E;
  /** Milliseconds between asking for the place and getting it. */
  readonly queuedMs: number;
  /** Tokens of the prompt that the endpoint probably has in its prefix cache. An estimate. */
  readonly cachedTokens: number;
  /**
   * vLLM's `priority` (lower first), such that the engine's queue has the order of this one. Only for an engine that
   * runs with `--scheduling-policy priority`: under fcfs, vLLM refuses a priority other than 0.
   */
  readonly priority: number;
  /**
   * To be called when the first token has arrived: the prompt has been read, so the endpoint can begin the next one.
   * Without the call (an answer that is not streamed) the measured prefill rate says when that will have been.
   * Further calls do nothing.
   */
  firstToken(): void;
  /** Gives the place back. Further calls do nothing. */
  release(outcome?: Outcome): void;
}
