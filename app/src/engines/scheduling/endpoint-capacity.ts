import { MovingRatio } from "./moving-ratio";

/**
 * What to expect of an engine before it has been measured: one L4 with a 12B model at 4 bits reads 2,500 prompt tokens
 * a second (docs/capacity.md).
 */
const PLANNED_PREFILL_TOKENS_PER_SECOND = 2_500;

/** Longest `Retry-After`, in seconds: by then the load, or the number of engines, is another one. */
const LONGEST_RETRY_SECONDS = 120;

/** The work ahead of a waiting job. */
export interface Backlog {
  /** Uncached prompt tokens to be read before it, by all endpoints together. */
  readonly prefillTokens: number;
  /** Jobs that get a place before it. */
  readonly jobs: number;
  /** Places it may have, and how many of them are free. */
  readonly places: number;
  readonly freePlaces: number;
  /** Endpoints that share the work. */
  readonly endpoints: number;
}

/** How fast the model's engines have lately been, and what follows for those who wait. */
export class Capacity {
  readonly #prefill = new MovingRatio(PLANNED_PREFILL_TOKENS_PER_SECOND, 1_000);
  readonly #held = new MovingRatio(0, 0);
  readonly #decode = new MovingRatio(0, 0);
  readonly #answers = new MovingRatio(0, 0);

  /** Prompt tokens that an engine read in so much time while it had enough of them to read. */
  prefilled(tokens: number, milliseconds: number): void {
    this.#prefill.add(tokens, milliseconds);
  }

  /** A place was given back after so long, its request answered. */
  answered(heldMs: number): void {
    this.#held.add(heldMs, 1);
  }

  /** An answer of so many tokens took so long after its first one. */
  decoded(tokens: number, milliseconds: number): void {
    this.#answers.add(tokens, 1);
    this.#decode.add(tokens - 1, milliseconds);
  }

  /** Uncached prompt tokens a second that one endpoint reads. */
  get prefillTokensPerSecond(): number {
    return this.#prefill.value * 1_000;
  }

  /** Tokens a second of one answer. 0 before the first sample. */
  get decodeTokensPerSecond(): number {
    return this.#decode.value * 1_000;
  }

  /** Tokens of an answer. 0 before the first sample. */
  get completionTokens(): number {
    return this.#answers.value;
  }

  /** Milliseconds that one endpoint takes to read so many tokens. */
  prefillMs(tokens: number): number {
    return tokens / this.#prefill.value;
  }

  /**
   * Milliseconds until a job has its place: the prompts before it must have been read, and enough answers have ended.
   * Counts on no later job overtaking it.
   */
  expectedWaitMs({ prefillTokens, jobs, places, freePlaces, endpoints }: Backlog): number {
    const reading = this.prefillMs(prefillTokens) / Math.max(1, endpoints);
    const endings = jobs + 1 - freePlaces;
    return endings > 0 ? Math.max(reading, (endings * this.#held.value) / Math.max(1, places)) : reading;
  }

  /** `Retry-After`, in whole seconds from 1 to 120: by then, what is waiting now will have its places. */
  retryAfterSeconds(backlog: Backlog): number {
    return Math.min(Math.max(Math.ceil(this.expectedWaitMs(backlog) / 1_000), 1), LONGEST_RETRY_SECONDS);
  }
}
