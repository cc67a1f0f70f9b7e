import { Counter, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";

/**
 * What became of a request: `completed`; `lost` where the server failed it or cut it off; `left` where the client went
 * away by itself.
 */
export type WorkOutcome = (typeof OUTCOMES)[number];

const OUTCOMES = ["completed", "lost", "left"] as const;

/** What became of the work that a drain met. */
export interface DrainReport {
  /** Requests in flight when draining began. */
  readonly inFlight: number;
  /** Requests that were still taken after that. */
  readonly accepted: number;
  readonly completed: number;
  readonly lost: number;
  readonly left: number;
}

/** One generation request, from its admission to the end of its answer. */
export class WorkItem {
  #failed = false;
  readonly #done: (outcome: WorkOutcome) => void;
  #ended = false;

  constructor(done: (outcome: WorkOutcome) => void) {
    this.#done = done;
  }

  /** Marks the answer as failed, as an error inside a stream that is already 200. */
  fail(): void {
    this.#failed = true;
  }

  /** Ends it, once; later calls do nothing. A failed one counts as lost. */
  end(outcome: WorkOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#done(outcome === "completed" && this.#failed ? "lost" : outcome);
  }
}

type Tally = { -readonly [K in keyof DrainReport]: DrainReport[K] };

/** Counts generation requests in flight, and from the beginning of a drain what becomes of them. */
export class WorkInFlight {
  #count = 0;
  #drain: Tally | undefined;
  #counter: Counter<"outcome"> | undefined;

  /** Generation requests in flight. */
  get count(): number {
    return this.#count;
  }

  /** Since the drain began; undefined while nothing drains. */
  get report(): DrainReport | undefined {
    return this.#drain === undefined ? undefined : { ...this.#drain };
  }

  begin(): WorkItem {
    this.#count += 1;
    if (this.#drain !== undefined) this.#drain.accepted += 1;
    return new WorkItem((outcome) => {
      this.#count -= 1;
      if (this.#drain === undefined) return;
      this.#drain[outcome] += 1;
      this.#counter?.inc({ outcome });
    });
  }

  /** Starts the report of a drain; a second call does nothing until {@link resumed}. */
  draining(): void {
    this.#drain ??= { inFlight: this.#count, accepted: 0, completed: 0, lost: 0, left: 0 };
  }

  /** The drain was taken back. */
  resumed(): void {
    this.#drain = undefined;
  }

  register(registry: Registry): void {
    this.#counter = new Counter({
      name: METRICS.drainRequests,
      help: "What became of requests that were in flight when draining began or were taken while it lasted.",
      labelNames: ["outcome"],
      registers: [registry],
    });
    // A series that first appears with its first loss shows no increase.
    for (const outcome of OUTCOMES) this.#counter.inc({ outcome }, 0);
  }
}
