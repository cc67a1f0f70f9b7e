import { Counter, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import { TASK_NAMES, TASKS, type Task } from "../../contract/tasks";
import { ADAPTER_LOAD_RESULTS, type AdapterLoadResult } from "./adapter-slots";
import { FALLBACK_REASONS, type FallbackReason } from "./selection";

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

  constructor() {
    // From 0, so that the first of them are an increase.
    for (const result of ADAPTER_LOAD_RESULTS) this.#loads.inc({ result }, 0);
    const adapted = TASK_NAMES.filter((task) => TASKS[task].adapted);
    for (const task of adapted) for (const reason of FALLBACK_REASONS) this.#fallbacks.inc({ task, reason }, 0);
  }

  register(registry: Registry): void {
    registry.registerMetric(this.#loads);
    registry.registerMetric(this.#fallbacks);
  }

  load(result: AdapterLoadResult): void {
    this.#loads.inc({ result });
  }

  fallback(task: Task, reason: FallbackReason): void {
    this.#fallbacks.inc({ task, reason });
  }
}
