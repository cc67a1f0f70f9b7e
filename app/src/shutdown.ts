import { setTimeout as delay } from "node:timers/promises";
import closeWithGrace from "close-with-grace";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Lifecycle } from "./lifecycle";

export interface DrainOptions {
  readonly app: FastifyInstance;
  readonly lifecycle: Lifecycle;
  /** Milliseconds for which requests are still taken while `/healthz` answers 503. */
  readonly preStopMs: number;
  /** Milliseconds that requests in flight then get. */
  readonly drainTimeoutMs: number;
  readonly log: FastifyBaseLogger;
}

/** Milliseconds between looks for connections that have become idle. */
const IDLE_SWEEP_MS = 50;

/**
 * Stops in the order in which a load balancer expects it: not ready, wait, close the listener, let what is in flight
 * finish, then cut what is left. Resolves when every connection is closed.
 */
export async function drain({ app, lifecycle, preStopMs, drainTimeoutMs, log }: DrainOptions): Promise<void> {
  lifecycle.startDraining();
  log.info({ preStopMs, drainTimeoutMs }, "draining: not ready any more");
  if (preStopMs > 0) await delay(preStopMs);
  lifecycle.startClosing();
  // Node closes the connections that are idle now; those that become idle later would be kept for KEEP_ALIVE_MS.
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  const deadline = setTimeout(() => {
    log.warn("drain time is over: cutting what is left");
    app.server.closeAllConnections();
  }, drainTimeoutMs);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(deadline);
  }
  log.info("drained");
}

/** Milliseconds in which a repeated signal is the same key press: npm passes Ctrl-C on to a child that already has it. */
const SAME_SIGNAL_MS = 500;
/** Milliseconds on top of the drain for closing what is left. */
const MARGIN_MS = 2_000;

export interface ExitOptions {
  /** Stops everything. */
  readonly stop: () => Promise<void>;
  /** Milliseconds that `stop` should take at most; 2 s later the process is ended. */
  readonly timeoutMs: number;
  readonly log: FastifyBaseLogger;
  /** Told at the first signal. */
  readonly onStopping: (signal: string) => void;
}

/**
 * Ends the process well: SIGTERM and SIGINT run `stop` and exit 0; a second one exits 1 at once. An error that nobody
 * caught runs `stop` too and exits 1.
 */
export function exitOnSignals({ stop, timeoutMs, log, onStopping }: ExitOptions): void {
  // The two signals are handled here, because close-with-grace takes npm's echo of Ctrl-C for a second one.
  const grace = closeWithGrace(
    { delay: timeoutMs + MARGIN_MS, logger: log, skip: ["SIGTERM", "SIGINT"] },
    async ({ err }) => {
      if (err) log.fatal({ err }, "uncaught error: stopping");
      await stop();
    },
  );
  let firstAt: number | undefined;
  const onSignal = (signal: string) => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      onStopping(signal);
      grace.close();
    } else if (now - firstAt > SAME_SIGNAL_MS) {
      log.warn({ signal }, "second signal: leaving at once");
      process.exit(1);
    }
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}
