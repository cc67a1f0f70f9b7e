import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type Task } from "./contract";
import type { ErrorCode } from "./errors/app-error";

/** Seconds. From a probe's millisecond to the longest answer; 2 s, the TTFT target, is a bound of its own. */
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120];
const TTFT_BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];

export interface MetricsSources {
  /** Requests in flight of each model, by its label. */
  readonly inFlight: () => Iterable<readonly [model: string, count: number]>;
  readonly ready: () => boolean;
}

/** What the gateway measures about itself, in a registry of its own. Every label has few values, known beforehand. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly #requests: Counter<"route" | "method" | "status">;
  readonly #duration: Histogram<"route" | "method">;
  readonly #ttft: Histogram<"task" | "model">;
  readonly #rejected: Counter<"route" | "reason">;

  constructor(sources: MetricsSources) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: METRICS.requests,
      help: "Answered requests by route template, method and status (499: the client left).",
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
    this.#ttft = new Histogram({
      name: METRICS.ttft,
      help: "Seconds from a streamed generation request to its first text.",
      labelNames: ["task", "model"],
      buckets: TTFT_BUCKETS,
      registers,
    });
    this.#rejected = new Counter({
      name: METRICS.rejected,
      help: "Generation requests refused with 429 or 503, by error code.",
      labelNames: ["route", "reason"],
      registers,
    });
    new Gauge({
      name: METRICS.inFlight,
      help: "Generation requests in flight to a model.",
      labelNames: ["model"],
      registers,
      collect() {
        this.reset();
        for (const [model, count] of sources.inFlight()) this.inc({ model }, count);
      },
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

  request(route: string, method: string, status: number, seconds: number): void {
    this.#requests.inc({ route, method, status: String(status) });
    this.#duration.observe({ route, method }, seconds);
  }

  firstToken(task: Task, model: string, seconds: number): void {
    this.#ttft.observe({ task, model }, seconds);
  }

  rejected(route: string, reason: ErrorCode): void {
    this.#rejected.inc({ route, reason });
  }
}
