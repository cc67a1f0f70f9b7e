import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { METRICS } from "../contract/metrics";
import { ERROR_CODES, ERRORS, type ErrorCode, REFUSAL_STATUSES } from "../shared/errors/app-error";

/** Seconds. From a probe's millisecond to the longest answer; 2 s, the TTFT target, is a bound of its own. */
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120];

/** Statuses of generation routes that rates are taken of: answers, refusals and server errors. 499: the client left. */
const EXPECTED_STATUSES = [200, 429, 499, 500, 502, 503, 504] as const;
/** Codes of the answers that refuse. */
const REFUSALS: readonly ErrorCode[] = ERROR_CODES.filter((code) => REFUSAL_STATUSES.has(ERRORS[code].status));

export interface MetricsSources {
  readonly ready: () => boolean;
}

/** The gateway's own metrics, in a registry of their own. Every label has few values, all fixed at start. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly #requests: Counter<"route" | "method" | "status">;
  readonly #duration: Histogram<"route" | "method">;
  readonly #rejected: Counter<"route" | "reason">;

  constructor(sources: MetricsSources) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: METRICS.requests,
      help: "Answered requests by route template, method and status (499: the client left; a stream that fails later: its error's).",
      labelNames: ["route", "method", "status"],
      registers,
    });
    this.#duration = new Histogram({
      name: METRICS.requestDuration,
      help: "Seconds from a request's arrival to the end of its answer, streams included.",
      labelNames: ["route", "method"],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#rejected = new Counter({
      name: METRICS.rejected,
      help: "Generation requests refused with 429 or 503, by error code.",
      labelNames: ["route", "reason"],
      registers,
    });
    new Gauge({
      name: METRICS.ready,
      help: "1 while /healthz answers 200.",
      registers,
      collect() {
        this.set(sources.ready() ? 1 : 0);
      },
    });
  }

  /**
   * Begins the counts of a generation route at 0. A series that appears with its first errors already counted has no
   * increase, so that an error rate would miss the first burst of every process.
   */
  expect(route: string, method: string): void {
    for (const status of EXPECTED_STATUSES) this.#requests.inc({ route, method, status: String(status) }, 0);
    for (const reason of REFUSALS) this.#rejected.inc({ route, reason }, 0);
  }

  request(route: string, method: string, status: number, seconds: number): void {
    this.#requests.inc({ route, method, status: String(status) });
    this.#duration.observe({ route, method }, seconds);
  }

  rejected(route: string, reason: ErrorCode): void {
    this.#rejected.inc({ route, reason });
  }
}
