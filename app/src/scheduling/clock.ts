/** Where time comes from, so that a test or a bench can run an hour in a second. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /**
   * Runs something once, `milliseconds` from now.
   * @returns a function that calls it off
   */
  after(milliseconds: number, run: () => void): () => void;
}

/** The process's own monotonic clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
