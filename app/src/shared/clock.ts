/** Where time comes from, so that a test or a bench can run an hour in a second. */
export interface Clock {
  /** Milliseconds; never goes back. Gateways whose engines share one queue must count from the same moment. */
  now(): number;
  /**
   * Runs something once, `milliseconds` from now.
   * @returns a function that cancels it
   */
  after(milliseconds: number, run: () => void): () => void;
}

/** Monotonic, and counted from the Unix epoch by the wall clock at the process's start. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
