import type { Clock } from "../../src/shared/clock";

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that only {@link run} moves, from alarm to alarm. */
export class VirtualClock implements Clock {
  #now = 0;
  #alarms: Alarm[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { at: this.#now + Math.max(0, ms), run };
    // Behind those of the same moment, which run in the order in which they were set.
    let place = this.#alarms.length;
    while (place > 0 && (this.#alarms[place - 1]?.at ?? 0) > alarm.at) place -= 1;
    this.#alarms.splice(place, 0, alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Moves on until nothing is left to run, or to this moment (ms). */
  run(until = Number.POSITIVE_INFINITY): void {
    for (let next = this.#alarms[0]; next !== undefined && next.at <= until; next = this.#alarms[0]) {
      this.#alarms.shift();
      this.#now = next.at;
      next.run();
    }
    if (Number.isFinite(until)) this.#now = Math.max(this.#now, until);
  }
}
