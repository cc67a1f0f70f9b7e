/** Sums over finished requests. */
export interface Totals {
  /** Completion tokens. */
  tokens: number;
  /** Those of requests that met the SLA. */
  goodTokens: number;
  /** Requests that the SLA judges. */
  judged: number;
  /** Those that met it. */
  met: number;
}

function nothing(): Totals {
  return { tokens: 0, goodTokens: 0, judged: 0, met: 0 };
}

function change(totals: Totals, by: Readonly<Totals>, sign: 1 | -1): void {
  totals.tokens += sign * by.tokens;
  totals.goodTokens += sign * by.goodTokens;
  totals.judged += sign * by.judged;
  totals.met += sign * by.met;
}

/**
 * Sums of the last n seconds for a few n at once: one slot a second, and a running sum for each window from which a slot
 * is taken when it grows too old. An event costs constant time; a pause costs a step for each second of it, at most the
 * longest window.
 */
export class SecondsRing {
  readonly #windows: ReadonlyMap<number, Totals>;
  readonly #slots: Totals[];
  #second = 0;

  /** @param windows lengths in seconds */
  constructor(windows: readonly number[]) {
    this.#windows = new Map(windows.map((length) => [length, nothing()]));
    this.#slots = Array.from({ length: Math.max(...windows) }, nothing);
  }

  /** @param second whole seconds of a clock that never goes back */
  add(second: number, entry: Readonly<Totals>): void {
    this.#advance(second);
    change(this.#slot(second), entry, 1);
    for (const totals of this.#windows.values()) change(totals, entry, 1);
  }

  /**
   * Sums over `second` and the `window - 1` seconds before it.
   * @throws RangeError where the ring was not made for that window
   */
  totals(second: number, window: number): Readonly<Totals> {
    this.#advance(second);
    const totals = this.#windows.get(window);
    if (totals === undefined) throw new RangeError(`no window of ${window} s`);
    return totals;
  }

  #slot(second: number): Totals {
    const length = this.#slots.length;
    const slot = this.#slots[((second % length) + length) % length];
    if (slot === undefined) throw new RangeError(`no slot for second ${second}`);
    return slot;
  }

  #advance(second: number): void {
    if (second - this.#second >= this.#slots.length) this.#clear(second);
    while (this.#second < second) {
      this.#second += 1;
      for (const [window, totals] of this.#windows) {
        // The slot of `second - longest` is the one that this second takes over.
        const leaving = this.#second - window;
        if (leaving >= 0) change(totals, this.#slot(leaving), -1);
      }
      Object.assign(this.#slot(this.#second), nothing());
    }
  }

  #clear(second: number): void {
    for (const totals of this.#windows.values()) Object.assign(totals, nothing());
    for (const slot of this.#slots) Object.assign(slot, nothing());
    this.#second = second;
  }
}
