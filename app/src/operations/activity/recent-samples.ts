/** Percentiles of what was measured lately; null where nothing was. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface RecentSamplesOptions {
  /** Milliseconds for which a sample counts. */
  readonly maxAgeMs: number;
  /** Most samples that are kept; the newest win. */
  readonly capacity: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** The newest measurements, bounded in number and age. Adding takes constant time; percentiles sort. */
export class RecentSamples {
  readonly #options: RecentSamplesOptions;
  readonly #values: Float64Array;
  readonly #times: Float64Array;
  #next = 0;
  #size = 0;

  constructor(options: RecentSamplesOptions) {
    this.#options = options;
    this.#values = new Float64Array(options.capacity);
    this.#times = new Float64Array(options.capacity);
  }

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#times[this.#next] = this.#options.now();
    this.#next = (this.#next + 1) % this.#options.capacity;
    this.#size = Math.min(this.#size + 1, this.#options.capacity);
  }

  /** Nearest-rank percentiles of the samples that still count. @param withinMs of these, the ones not older than this */
  percentiles(withinMs = this.#options.maxAgeMs): Percentiles {
    const sorted = this.#recent(withinMs).sort();
    const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  /** Mean of the samples that still count; null where there is none. @param withinMs of these, the ones not older than this */
  mean(withinMs = this.#options.maxAgeMs): number | null {
    const recent = this.#recent(withinMs);
    return recent.length === 0 ? null : recent.reduce((sum, value) => sum + value, 0) / recent.length;
  }

  #recent(withinMs: number): Float64Array {
    const oldest = this.#options.now() - Math.min(withinMs, this.#options.maxAgeMs);
    return this.#values.subarray(0, this.#size).filter((_, index) => (this.#times[index] ?? 0) >= oldest);
  }
}
