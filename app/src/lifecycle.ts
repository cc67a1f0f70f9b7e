/**
 * Where the process stands: `serving` → `draining` (told to stop; still serves, `/healthz` is 503 so that the balancer
 * stops sending) → `closing` (the listener is closed; only what was in flight finishes).
 */
export type Phase = "serving" | "draining" | "closing";

/** The one mutable fact about the process that its parts share. Created by the entry point, passed to who needs it. */
export class Lifecycle {
  #phase: Phase = "serving";
  readonly #onDraining = new Set<() => void>();

  get phase(): Phase {
    return this.#phase;
  }

  /** Moves to `draining` and tells every listener once. Later calls do nothing. */
  startDraining(): void {
    if (this.#phase !== "serving") return;
    this.#phase = "draining";
    for (const listener of this.#onDraining) listener();
    this.#onDraining.clear();
  }

  startClosing(): void {
    this.startDraining();
    this.#phase = "closing";
  }

  /**
   * Calls `listener` when draining starts, at once if it already has.
   * @returns a function that takes the listener away
   */
  onDraining(listener: () => void): () => void {
    if (this.#phase !== "serving") {
      listener();
      return () => {};
    }
    this.#onDraining.add(listener);
    return () => this.#onDraining.delete(listener);
  }
}
