import { setTimeout as delay } from "node:timers/promises";
import closeWithGrace from "close-with-grace";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { DrainReason, Lifecycle } from "./lifecycle";
import type { WorkInFlight } from "./load/work-in-flight";

/** The two parts of a drain, in milliseconds. */
export interface DrainTimes {
  /** Requests are still accepted while `/healthz` answers 503. */
  readonly preStopMs: number;
  /** Time for requests in flight after that. */
  readonly drainTimeoutMs: number;
}

/**
 * Milliseconds that a preempted machine has left for draining: 30 s of notice
 * (https://cloud.google.com/compute/docs/instances/spot), less 3 s to close the stores and to end the engines.
 */
const PREEMPTION_BUDGET_MS = 27_000;
/** Share of that for the load balancer to notice: two checks 5 s apart. The rest is for answers. */
const PREEMPTION_PRE_STOP_MS = 10_000;

/** The configured times, or as much of them as a preempted machine has left. */
export function drainTimes(configured: DrainTimes, reason: DrainReason): DrainTimes {
  const { preStopMs, drainTimeoutMs } = configured;
  if (reason !== "preemption" || preStopMs + drainTimeoutMs <= PREEMPTION_BUDGET_MS)
    return { preStopMs, drainTimeoutMs };
  const preStop = Math.min(preStopMs, PREEMPTION_PRE_STOP_MS);
  return { preStopMs: preStop, drainTimeoutMs: Math.min(drainTimeoutMs, PREEMPTION_BUDGET_MS - preStop) };
}

export interface DrainOptions extends DrainTimes {
  readonly app: FastifyInstance;
  readonly lifecycle: Lifecycle;
  readonly work: WorkInFlight;
  readonly reason: DrainReason;
  readonly log: FastifyBaseLogger;
}

/** Milliseconds between sweeps of connections that have become idle. */
const IDLE_SWEEP_MS = 50;
/** Milliseconds for a stream's last event to reach its client before the connection is cut. */
const LAST_WORDS_MS = 250;

/**
 * Stops in the order in which a load balancer expects it: not ready, wait, close the listener, let what is in flight
 * finish, then cut what is left, streams with an `event: error`. Time for which an operator's drain or a preemption has
 * already kept the instance out of traffic counts towards the wait. Resolves when every connection is closed, with a line
 * in the log on what became of the work.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { app, lifecycle, work, reason, preStopMs, drainTimeoutMs, log } = options;
  const outOfTrafficMs = lifecycle.draining === undefined ? 0 : Date.now() - lifecycle.draining.since;
  const waitMs = Math.max(0, preStopMs - outOfTrafficMs);
  const started = performance.now();
  lifecycle.startDraining(reason, Date.now() + waitMs + drainTimeoutMs);
  log.info({ reason, preStopMs: waitMs, drainTimeoutMs, inFlight: work.count }, "draining: not ready any more");
  if (waitMs > 0) await delay(waitMs);
  lifecycle.startClosing();
  // Node closes the connections that are idle now; those that become idle later would be kept for KEEP_ALIVE_MS.
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  let lastWords: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => {
    log.warn({ inFlight: work.count }, "drain time is over: cutting what is left");
    lifecycle.cut();
    lastWords = setTimeout(() => app.server.closeAllConnections(), LAST_WORDS_MS);
  }, drainTimeoutMs);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(deadline);
    clearTimeout(lastWords);
  }
  log.info({ reason, seconds: (performance.now() - started) / 1000, ...work.report }, "drained");
}

/** Milliseconds in which a repeated signal is the same key press: npm passes Ctrl-C on to a child that already has it. */
const SAME_SIGNAL_MS = 500;
/** Milliseconds on top of the drain for closing what is left. */
const MARGIN_MS = 2_000;

export interface ExitOptions {
  /** Stops everything. Called once. */
  readonly stop: (reason: DrainReason) => Promise<void>;
  /** Milliseconds that `stop` should take at most; 2 s later the process is ended. */
  readonly timeoutMs: number;
  readonly log: FastifyBaseLogger;
  /** Called at the first signal. */
  readonly onStopping: (signal: string) => void;
}

/**
 * Ends the process well: SIGTERM and SIGINT run `stop` and exit 0; a second one exits 1 at once. An
 * uncaught error runs `stop` too and exits 1.
 * @returns a function that ends the process as a signal would; a signal that comes later is then the first
 */
export function exitOnSignals({ stop, timeoutMs, log, onStopping }: ExitOptions): (reason: DrainReason) => void {
  let reason: DrainReason = "error";
  // The two signals are handled here, because close-with-grace takes npm's echo of Ctrl-C for a second one.
  const grace = closeWithGrace(
    { delay: timeoutMs + MARGIN_MS, logger: log, skip: ["SIGTERM", "SIGINT"] },
    async ({ err }) => {
      if (err) log.fatal({ err }, "uncaught error: stopping");
      await stop(reason);
    },
  );
  let stopping = false;
  const exit = (why: DrainReason) => {
    if (stopping) return;
    stopping = true;
    reason = why;
    grace.close();
  };
  let firstAt: number | undefined;
  const onSignal = (signal: string) => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      onStopping(signal);
      exit("signal");
    } else if (now - firstAt > SAME_SIGNAL_MS) {
      log.warn({ signal }, "second signal: leaving at once");
      process.exit(1);
    }
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return exit;
}
