import { type Percentiles, RecentSamples } from "./recent-samples";

/** Window of the percentiles, in milliseconds: the longer window of goodput. */
const WINDOW_MS = 5 * 60_000;
/** Window of the gauges for autoscalers, in milliseconds: short, so that past load keeps no machine up. */
const LATEST_MS = 60_000;
/** At 30 answers of 10 s in flight 900 requests end in five minutes; twice as many are kept. */
const CAPACITY = 2_048;

export interface ActivityOptions {
  /** Milliseconds of a clock that never goes back. @default `performance.now` */
  readonly now?: () => number;
  /** Milliseconds since 1970. @default `Date.now` */
  readonly date?: () => number;
}

/** What a finished request adds. */
export interface ActivitySample {
  /** Milliseconds to the first token. */
  readonly ttftMs?: number | undefined;
  /** Milliseconds between tokens, after the first. */
  readonly tpotMs?: number | undefined;
}

/** How busy this instance was in the last five minutes. */
export class ActivityTracker {
  readonly #ttft: RecentSamples;
  readonly #tpot: RecentSamples;
  readonly #processing: RecentSamples;
  readonly #date: () => number;
  #lastRequestAt: number | undefined;

  constructor({ now = () => performance.now(), date = () => Date.now() }: ActivityOptions = {}) {
    const options = { maxAgeMs: WINDOW_MS, capacity: CAPACITY, now };
    this.#ttft = new RecentSamples(options);
    this.#tpot = new RecentSamples(options);
    this.#processing = new RecentSamples(options);
    this.#date = date;
  }

  /** A generation request arrived. */
  arrived(): void {
    this.#lastRequestAt = this.#date();
  }

  /** A generation request was answered. @param ms from its arrival to the end of its answer */
  answered(ms: number): void {
    this.#processing.add(ms);
  }

  /** An engine answered. */
  served({ ttftMs, tpotMs }: ActivitySample): void {
    if (ttftMs !== undefined) this.#ttft.add(ttftMs);
    if (tpotMs !== undefined) this.#tpot.add(tpotMs);
  }

  /** Milliseconds since 1970; undefined before the first request. */
  get lastRequestAt(): number | undefined {
    return this.#lastRequestAt;
  }

  /** Milliseconds to the first token. */
  get ttftMs(): Percentiles {
    return this.#ttft.percentiles();
  }

  /** Milliseconds of a whole request. */
  get processingMs(): Percentiles {
    return this.#processing.percentiles();
  }

  /** Mean milliseconds between tokens; null where none was measured. */
  get tpotMs(): number | null {
    return this.#tpot.mean();
  }

  /** 95th percentile of milliseconds to the first token, of the last minute; null without traffic. */
  get latestTtftP95Ms(): number | null {
    return this.#ttft.percentiles(LATEST_MS).p95;
  }

  /** Mean milliseconds between tokens, of the last minute; null without traffic. */
  get latestTpotMs(): number | null {
    return this.#tpot.mean(LATEST_MS);
  }
}
