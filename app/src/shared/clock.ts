/** Where time comes from, so that a test or a bench can run an hour in a second. */
export interface Clock {
  /** Milliseconds; never goes back. Gateways whose engines share one queue must count from the same moment. */
  now(): number;
  /**
   * Runs something once, `milliseconds` from now.
   * @returns a function that calls it off
   */
  after(milliseconds: number, run: () => void): () => void;
}

/** Monotonic, and counted from the Unix epoch as it stood when the process began. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
