import type { Clock } from "../../src/shared/clock";

/** The process's own time, with pending I/O served before a wait of 0 ends. Its timers keep no process alive. */
export const ENGINE_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    if (ms <= 0) {
      const soon = setImmediate(run);
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
