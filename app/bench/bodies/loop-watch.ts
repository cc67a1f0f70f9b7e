/**
 * Runs in the gateway's own process (`node --require`): how long its event loop was held at most, in milliseconds of the
 * thread's CPU time and by the clock. The clock also shows what neighbours on the machine take away; CPU time does not.
 */
import { openSync, readSync } from "node:fs";
import { createServer } from "node:http";
import { isMainThread } from "node:worker_threads";

/** Port on which this answers with the longest block since it was last read. */
const { LOOP_WATCH_PORT } = process.env;
/** Milliseconds between looks: what is in between is one block. */
const LOOK_EVERY_MS = 1;
const NANOSECONDS = 1e6;

// Worker threads inherit `--require`.
if (isMainThread) watch();

function watch(): void {
  // Of the main thread, whose id is the process': nanoseconds on a CPU come first (Linux, proc_pid_schedstat).
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  const buffer = Buffer.alloc(128);
  const cpuMs = () => {
    const bytes = readSync(file, buffer, 0, buffer.length, 0);
    return Number(buffer.toString("latin1", 0, bytes).split(" ")[0]) / NANOSECONDS;
  };
  let last = { cpu: cpuMs(), clock: performance.now() };
  let longest = { cpu: 0, clock: 0 };
  setInterval(() => {
    const now = { cpu: cpuMs(), clock: performance.now() };
    longest = {
      cpu: Math.max(longest.cpu, now.cpu - last.cpu),
      clock: Math.max(longest.clock, now.clock - last.clock - LOOK_EVERY_MS),
    };
    last = now;
  }, LOOK_EVERY_MS).unref();
  createServer((_request, response) => {
    response.end(JSON.stringify(longest));
    longest = { cpu: 0, clock: 0 };
  })
    .listen(Number(LOOP_WATCH_PORT), "127.0.0.1")
    .unref();
}
