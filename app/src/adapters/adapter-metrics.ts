import { Counter, type Registry } from "prom-client";
import { METRICS, type Task } from "../contract";
import type { LoadResult } from "./adapter-slots";
import type { FallbackReason } from "./selection";

/** What is counted of adapters. */
export class AdapterMetrics {
  readonly #loads = new Counter({
    name: METRICS.adapterLoads,
    help: "Adapters that engines loaded, failed to load, or unloaded.",
    labelNames: ["result"],
    registers: [],
  });
  readonly #fallbacks = new Counter({
    name: METRICS.adapterFallbacks,
    help: "Answers of the base model in an adapter's place, by task and reason.",
    labelNames: ["task", "reason"],
    registers: [],
  });

  register(registry: Registry): void {
    registry.registerMetric(this.#loads);
    registry.registerMetric(this.#fallbacks);
  }

  load(result: LoadResult): void {
    this.#loads.inc({ result });
  }

  fallback(task: Task, reason: FallbackReason): void {
    this.#fallbacks.inc({ task, reason });
  }
}
