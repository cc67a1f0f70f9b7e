/** Share of the old ratio that a new sample leaves: the last 20 samples make up two thirds of the ratio. */
const KEPT = 0.95;

/**
 * An exponentially weighted ratio of sums, such as tokens a millisecond. Unlike an average of single ratios it gives a
 * long measurement more weight than a short one.
 */
export class MovingRatio {
  #amount: number;
  #per: number;

  /**
   * @param amount with `per`: what to expect before anything is measured; counts as one sample. Nothing for `per` 0.
   */
  constructor(amount: number, per: number) {
    this.#amount = amount;
    this.#per = per;
  }

  add(amount: number, per: number): void {
    if (!(per > 0)) return;
    this.#amount = this.#amount * KEPT + amount;
    this.#per = this.#per * KEPT + per;
  }

  /** 0 before the first sample. */
  get value(): number {
    return this.#per === 0 ? 0 : this.#amount / this.#per;
  }
}
