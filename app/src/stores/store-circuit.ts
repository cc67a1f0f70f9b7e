import { setTimeout as delay } from "node:timers/promises";

/** A store that did not answer in time, or was not called because it did not a moment ago. The message is for logs. */
export class StoreHangsError extends Error {
  override readonly name = "StoreHangsError";
  /** Whether the store was called: what it was asked for may have happened. */
  readonly called: boolean;

  constructor(message: string, called: boolean) {
    super(message);
    this.called = called;
  }
}

export interface StoreCircuitOptions {
  /** The store's name, for messages. */
  readonly store: string;
  /** Milliseconds that a call may take. Source: R-107. */
  readonly deadlineMs: number;
  /** Calls the store past the circuit; rejects where it does not answer. */
  readonly probe: () => Promise<unknown>;
  /** Called when the circuit opens, before the first probe, and when it closes. */
  readonly onChange: (open: boolean) => void;
  /** Milliseconds from a failed probe to the next. @default 1000 */
  readonly probePauseMs?: number;
}

/** A probe of a store that hangs keeps one connection busy and nothing else. */
const PROBE_PAUSE_MS = 1_000;

/**
 * Bounds what a store that hangs costs: a call has a deadline, and one that misses it opens the circuit. While that is
 * open, calls fail at once; probes go out in the background, one at a time, the first at once. The first that is
 * answered closes it. So a single statement that was slow costs the others a few milliseconds.
 *
 * A store that refuses fast opens nothing: its calls cost nothing either.
 */
export class StoreCircuit {
  readonly #options: StoreCircuitOptions;
  readonly #closing = new AbortController();
  #open = false;

  constructor(options: StoreCircuitOptions) {
    this.#options = options;
  }

  get open(): boolean {
    return this.#open;
  }

  /** When a call that begins now must have its answer, in milliseconds of the monotonic clock. */
  deadline(): number {
    return performance.now() + this.#options.deadlineMs;
  }

  /**
   * @param until for a call of several steps, what {@link deadline} returned before the first. @default a new deadline
   * @throws StoreHangsError where the answer is late, or the circuit open; else what `work` throws
   */
  async call<Result>(work: () => Promise<Result>, until = this.deadline()): Promise<Result> {
    const { store } = this.#options;
    if (this.#open) throw new StoreHangsError(`${store} is not called: it did not answer a moment ago`, false);
    try {
      return await this.#before(until, work());
    } catch (thrown) {
      if (thrown instanceof StoreHangsError) this.#trip();
      throw thrown;
    }
  }

  /** Ends the probes. */
  close(): void {
    this.#closing.abort();
  }

  /** What was called goes on where it is late; its result is dropped. */
  async #before<Result>(until: number, work: Promise<Result>): Promise<Result> {
    const { store, deadlineMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const expire = () => reject(new StoreHangsError(`${store} did not answer within ${deadlineMs} ms`, true));
      // After a block of the event loop, timers run before sockets are read: the answer may be there already.
      timer = setTimeout(() => setImmediate(expire), Math.max(0, until - performance.now())).unref();
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #trip(): void {
    if (this.#open || this.#closing.signal.aborted) return;
    this.#open = true;
    this.#options.onChange(true);
    void this.#probeUntilAnswered();
  }

  async #probeUntilAnswered(): Promise<void> {
    const { signal } = this.#closing;
    const { probe, probePauseMs = PROBE_PAUSE_MS, onChange } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#before(this.deadline(), probe());
        this.#open = false;
        onChange(false);
        return;
      } catch {
        await delay(probePauseMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }
}
