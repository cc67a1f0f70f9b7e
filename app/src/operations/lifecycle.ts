/**
 * Phase of the process: `serving` → `draining` (no longer ready, still serves; `/healthz` is 503 so that the
 * balancer stops sending) → `closing` (the listener is closed; only what was in flight finishes).
 */
export type Phase = "serving" | "draining" | "closing";

/** Why an instance drains: a signal to the process, an operator's request, the machine's preemption, an uncaught error. */
export type DrainReason = "signal" | "operator" | "preemption" | "error";

/** A drain that has begun. */
export interface Draining {
  readonly reason: DrainReason;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** When what is left will be cut, in milliseconds since 1970. @default nothing is cut: an operator only takes traffic away */
  readonly cutAt?: number | undefined;
}

type Listener<T> = (value: T) => void;

/** The phase that all parts of the process share. Created by the entry point, passed to those that need it. */
export class Lifecycle {
  #phase: Phase = "serving";
  #draining: Draining | undefined;
  readonly #onDraining = new Set<Listener<Draining>>();
  readonly #onCut = new Set<Listener<void>>();
  #cut = false;

  get phase(): Phase {
    return this.#phase;
  }

  /** What drains the instance; undefined while it serves. */
  get draining(): Draining | undefined {
    return this.#draining;
  }

  /** Whether {@link cut} was called. */
  get cutting(): boolean {
    return this.#cut;
  }

  /**
   * Moves to `draining` and calls every listener. In an instance that drains already only the reason and the time of the
   * cut change: its listeners were called, and the time that it has been out of traffic still counts.
   * @param cutAt milliseconds since 1970
   */
  startDraining(reason: DrainReason = "signal", cutAt?: number): void {
    const first = this.#draining === undefined;
    const draining = { reason, since: this.#draining?.since ?? Date.now(), cutAt };
    this.#draining = draining;
    if (!first) return;
    this.#phase = "draining";
    for (const listener of this.#onDraining) listener(draining);
  }

  startClosing(): void {
    if (this.#draining === undefined) this.startDraining();
    this.#phase = "closing";
  }

  /**
   * Cancels an operator's drain.
   * @returns false where the instance drains for another reason, which cannot be cancelled
   */
  resume(): boolean {
    if (this.#draining === undefined) return true;
    if (this.#draining.reason !== "operator" || this.#phase === "closing") return false;
    this.#draining = undefined;
    this.#phase = "serving";
    return true;
  }

  /** Calls every listener of {@link onCut}: the time is over, and streams end with an error event. */
  cut(): void {
    this.#cut = true;
    for (const listener of this.#onCut) listener();
    this.#onCut.clear();
  }

  /**
   * Calls `listener` when draining starts, at once if it already has.
   * @returns a function that takes the listener away
   */
  onDraining(listener: Listener<Draining>): () => void {
    if (this.#draining !== undefined) listener(this.#draining);
    this.#onDraining.add(listener);
    return () => this.#onDraining.delete(listener);
  }

  /**
   * Calls `listener` when the time of a drain is over, at once if it already is.
   * @returns a function that takes the listener away
   */
  onCut(listener: Listener<void>): () => void {
    if (this.#cut) listener();
    else this.#onCut.add(listener);
    return () => this.#onCut.delete(listener);
  }
}
