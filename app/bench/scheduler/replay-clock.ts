import { setImmediate } from "node:timers/promises";
import { type HeapItem, PriorityHeap } from "../../src/engines/scheduling/priority-heap";
import type { Clock } from "../../src/shared/clock";

interface Alarm extends HeapItem {
  readonly run: () => void;
}

/** Time that goes from one event to the next, and waits at each until all promises that it settled have run their callbacks. */
export class ReplayClock implements Clock {
  readonly #alarms = new PriorityHeap<Alarm>();
  #now = 0;
  #sequence = 0;

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const alarm: Alarm = {
      key: this.#now + Math.max(0, milliseconds),
      sequence: this.#sequence,
      heapIndex: -1,
      run,
    };
    this.#sequence += 1;
    this.#alarms.push(alarm);
    return () => {
      if (alarm.heapIndex !== -1) this.#alarms.remove(alarm);
    };
  }

  /** Runs until nothing is left to happen, or past this moment. */
  async run(untilMs = Number.POSITIVE_INFINITY): Promise<void> {
    await setImmediate();
    for (let next = this.#alarms.peek(); next !== undefined && next.key <= untilMs; next = this.#alarms.peek()) {
      this.#alarms.remove(next);
      this.#now = next.key;
      next.run();
      await setImmediate();
    }
    if (Number.isFinite(untilMs)) this.#now = Math.max(this.#now, untilMs);
  }
}
