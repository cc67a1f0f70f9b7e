import type { DispatchEndpoint } from "./dispatch-endpoint";

/** What came of a request that had a place. */
export interface LeaseOutcome {
  /** Tokens of the answer. Teaches how fast answers are. @default nothing is learnt about that */
  readonly completionTokens?: number | undefined;
  /** The engine did not serve it to the end: nothing is learnt from its timing. @default it did */
  readonly failed?: boolean | undefined;
}

/** A place at an endpoint. Its holder must release it, whatever happens. */
export interface Lease<E extends DispatchEndpoint> {
  readonly endpoint: E;
  /** Milliseconds between asking for the place and getting it. */
  readonly queuedMs: number;
  /** Tokens of the prompt that the endpoint probably has in its prefix cache. An estimate. */
  readonly cachedTokens: number;
  /**
   * vLLM's `priority` (lower first), such that the engine's queue has the order of this one. Only for an engine that
   * runs with `--scheduling-policy priority`: under fcfs, vLLM 0.32 ignores it, and earlier ones refuse any but 0.
   */
  readonly priority: number;
  /**
   * To be called when the first token has arrived: the prompt has been read, so the endpoint can be sent the next one.
   * Further calls do nothing. See `Job.reportsFirstToken`.
   */
  firstToken(): void;
  /** Gives the place back. Further calls do nothing. */
  release(outcome?: LeaseOutcome): void;
}
