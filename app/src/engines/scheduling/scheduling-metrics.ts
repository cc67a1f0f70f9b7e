import { Gauge, Histogram, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import type { RequestClass } from "./job";

/** Seconds. From a place that was free to `QUEUE_TIMEOUT_MS`' default; 2 s, the TTFT target, is a bound of its own. */
const WAIT_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** What the scheduler shows of itself. */
export class SchedulingMetrics {
  readonly #wait: Histogram<"model" | "class">;

  /** @param waiting jobs in each model's queue, read at each scrape */
  constructor(registry: Registry, waiting: () => Iterable<readonly [model: string, jobs: number]>) {
    const registers = [registry];
    new Gauge({
      name: METRICS.queueLength,
      help: "Requests waiting for a place at one of the model's engines.",
      labelNames: ["model"],
      registers,
      collect() {
        this.reset();
        for (const [model, jobs] of waiting()) this.set({ model }, jobs);
      },
    });
    this.#wait = new Histogram({
      name: METRICS.queueWait,
      help: "Seconds between asking for a place at an engine and getting it.",
      labelNames: ["model", "class"],
      buckets: WAIT_BUCKETS,
      registers,
    });
  }

  waited(model: string, requestClass: RequestClass, milliseconds: number): void {
    this.#wait.observe({ model, class: requestClass }, milliseconds / 1_000);
  }
}
