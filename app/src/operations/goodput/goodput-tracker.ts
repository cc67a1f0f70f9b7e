import { Counter, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import { TASK_NAMES, type Task } from "../../contract/tasks";
import { SecondsRing, type Totals } from "./seconds-ring";

/** A finished request. */
export interface ServedRequest {
  readonly task: Task;
  /** Label of the model that answered: one of the configured ones. */
  readonly model: string;
  /** Milliseconds from the request to its first token; undefined where there was no token, or its time was not measured. */
  readonly ttftMs?: number | undefined;
  readonly completionTokens: number;
  /** Whether it came to its end. */
  readonly ok: boolean;
}

/** What a window of time shows. */
export interface Goodput {
  /** Completion tokens a second, of all requests. */
  readonly throughputTps: number;
  /** Completion tokens a second, of requests that met the SLA. */
  readonly goodputTps: number;
  /** Share of the requests that met the SLA, 0–1; null where there was none. */
  readonly slaComplianceRate: number | null;
  readonly requests: number;
}

/** Seconds. Source: R-106. */
export const WINDOWS = { oneMinute: 60, fiveMinutes: 300 } as const;

export interface GoodputOptions {
  /** Milliseconds to the first token that count as good. */
  readonly slaTtftMs: number;
  /** Milliseconds of a clock that never goes back. @default `performance.now` */
  readonly now?: () => number;
}

/**
 * Throughput that users felt: tokens of requests whose first token came in time. A request meets the SLA when it came to
 * its end and its first token within the limit. A request whose first token was not timed counts as throughput and,
 * where it came to its end, for neither side of the SLA; one that failed has missed it. Constant time an event.
 */
export class GoodputTracker {
  readonly slaTtftMs: number;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #ring: SecondsRing;
  readonly #lifetime: Totals = { tokens: 0, goodTokens: 0, judged: 0, met: 0 };
  #counters: { readonly tokens: Counter<"model">; readonly requests: Counter<"task" | "met"> } | undefined;

  constructor({ slaTtftMs, now = () => performance.now() }: GoodputOptions) {
    this.slaTtftMs = slaTtftMs;
    this.#now = now;
    this.#startedMs = now();
    this.#ring = new SecondsRing(Object.values(WINDOWS));
  }

  served({ task, model, ttftMs, completionTokens: tokens, ok }: ServedRequest): void {
    const met = ok && ttftMs !== undefined && ttftMs < this.slaTtftMs;
    const judged = !ok || ttftMs !== undefined;
    const entry = { tokens, goodTokens: met ? tokens : 0, judged: judged ? 1 : 0, met: met ? 1 : 0 };
    this.#ring.add(this.#second(), entry);
    add(this.#lifetime, entry);
    if (met) this.#counters?.tokens.inc({ model }, tokens);
    if (judged) this.#counters?.requests.inc({ task, met: String(met) });
  }

  get oneMinute(): Goodput {
    return this.#window(WINDOWS.oneMinute);
  }

  get fiveMinutes(): Goodput {
    return this.#window(WINDOWS.fiveMinutes);
  }

  get lifetime(): Goodput {
    return rates(this.#lifetime, this.#elapsedSeconds());
  }

  register(registry: Registry): void {
    const registers = [registry];
    this.#counters = {
      tokens: new Counter({
        name: METRICS.goodputTokens,
        help: "Completion tokens of requests that met the TTFT target.",
        labelNames: ["model"],
        registers,
      }),
      requests: new Counter({
        name: METRICS.slaRequests,
        help: "Finished requests by whether they met the TTFT target.",
        labelNames: ["task", "met"],
        registers,
      }),
    };
    // From 0, so that the first late answer is an increase.
    for (const task of TASK_NAMES) for (const met of ["true", "false"]) this.#counters.requests.inc({ task, met }, 0);
  }

  #elapsedSeconds(): number {
    return (this.#now() - this.#startedMs) / 1000;
  }

  #second(): number {
    return Math.floor(this.#elapsedSeconds());
  }

  #window(seconds: number): Goodput {
    const elapsed = this.#elapsedSeconds();
    const second = Math.floor(elapsed);
    // The last whole seconds and what has passed of the present one; less where the process is younger.
    const covered = Math.min(elapsed, seconds - 1 + (elapsed - second));
    return rates(this.#ring.totals(second, seconds), covered);
  }
}

function add(totals: Totals, entry: Readonly<Totals>): void {
  totals.tokens += entry.tokens;
  totals.goodTokens += entry.goodTokens;
  totals.judged += entry.judged;
  totals.met += entry.met;
}

function rates(totals: Readonly<Totals>, seconds: number): Goodput {
  // A first request in the first moments must not read as thousands of tokens a second.
  const span = Math.max(1, seconds);
  return {
    throughputTps: totals.tokens / span,
    goodputTps: totals.goodTokens / span,
    slaComplianceRate: totals.judged === 0 ? null : totals.met / totals.judged,
    requests: totals.judged,
  };
}
