import { modelBusy } from "./engine-errors";

/**
 * Counts the requests in flight to one model and refuses those beyond the limit at once: an engine's own queue would
 * make every answer late, whereas a refused client can go to another instance.
 */
export class ConcurrencyLimit {
  readonly limit: number;
  #inFlight = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Takes a place.
   * @returns a function that gives it back; further calls do nothing
   * @throws AppError 429 with `Retry-After` when none is free
   */
  acquire(): () => void {
    if (this.#inFlight >= this.limit) throw modelBusy(this.limit);
    this.#inFlight += 1;
    let held = true;
    return () => {
      if (held) this.#inFlight -= 1;
      held = false;
    };
  }
}
