import { Counter, Histogram, type Registry } from "prom-client";
import { METRICS } from "../../../contract/metrics";
import { TASK_NAMES, TASKS, type TaskThatIs } from "../../../contract/tasks";
import type { StageObserver } from "./stage";
import { STAGES, type StageName } from "./stage-errors";

/** Seconds: a lookup takes milliseconds, an answer up to two minutes. */
const BUCKETS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120];

/** What the stages of chains take, and how often they fail. */
export class ChainMetrics implements StageObserver {
  readonly #duration: Histogram<"task" | "stage">;
  readonly #errors: Counter<"task" | "stage">;

  constructor(registry: Registry) {
    const labelNames = ["task", "stage"] as const;
    const registers = [registry];
    this.#duration = new Histogram({
      name: METRICS.stageDuration,
      help: "Seconds of a chain's stage; of a streamed answer's generation, to its first text.",
      labelNames,
      buckets: BUCKETS,
      registers,
    });
    this.#errors = new Counter({
      name: METRICS.stageErrors,
      help: "Stages that failed. A failed retrieve is an answer without context, not a failed request.",
      labelNames,
      registers,
    });
    // From 0, so that the first failures are an increase.
    const chained = TASK_NAMES.filter((task) => TASKS[task].chained);
    for (const task of chained) for (const stage of STAGES) this.#errors.inc({ task, stage }, 0);
  }

  stageEnded(task: TaskThatIs<"chained">, stage: StageName, seconds: number, failed: boolean): void {
    this.#duration.observe({ task, stage }, seconds);
    if (failed) this.#errors.inc({ task, stage });
  }
}
