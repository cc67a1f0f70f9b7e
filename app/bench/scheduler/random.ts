/** Random numbers that are the same for the same seed, so that every policy gets the same requests. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). Mulberry32: one 32-bit state, good enough to draw workloads. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Uniform whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Log-normal of this median, where about two thirds lie within a factor of e^sigma; cut to [low, high]. */
  logNormal(median: number, sigma: number, low: number, high: number): number {
    return Math.min(high, Math.max(low, Math.round(median * Math.exp(sigma * this.normal()))));
  }

  /** Gamma of this shape and mean, by Marsaglia and Tsang, with their boost for shapes below 1. */
  gamma(shape: number, mean: number): number {
    const boost = shape < 1 ? (1 - this.next()) ** (1 / shape) : 1;
    const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
    for (;;) {
      const normal = this.normal();
      const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - this.next()) < 0.5 * normal ** 2 + d - d * v + d * Math.log(v)) {
        return (d * v * boost * mean) / shape;
      }
    }
  }
}
