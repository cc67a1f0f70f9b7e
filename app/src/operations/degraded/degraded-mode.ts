import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import type { Task } from "../../contract/tasks";
import { AppError } from "../../shared/errors/app-error";
import type { Priority } from "./priority";

/** Why an instance is degraded as a whole. */
export type DegradedReason = "operator" | "preemption";

/** `serve`: unchanged. `simple`: without a model, from a template or what retrieval finds, flagged `"degraded": true`. */
export type Decision = "serve" | "simple";

/**
 * Seconds after which a refused request is worth sending again: a breaker tries its engine again after 30 s, and an
 * operator's mode lasts longer than that.
 */
const RETRY_SECONDS = 30;
/** The same on a machine that is about to stop: another one answers at once. */
const PREEMPTED_RETRY_SECONDS = 1;

export interface DegradedModeOptions {
  /** Whether every engine of a task's model, and of its fallback, is down. @default never */
  readonly enginesDown?: (task: Task) => boolean;
}

/**
 * Serves what matters while the instance cannot serve everything: switched on by an operator or a preemption for every
 * task, and by itself for a task whose engines are all down.
 */
export class DegradedMode {
  readonly #reasons = new Map<DegradedReason, string>();
  readonly #enginesDown: (task: Task) => boolean;

  constructor({ enginesDown = () => false }: DegradedModeOptions = {}) {
    this.#enginesDown = enginesDown;
  }

  /** Whether every task is degraded. */
  get active(): boolean {
    return this.#reasons.size > 0;
  }

  /** Reasons, each with its note. */
  get reasons(): ReadonlyMap<DegradedReason, string> {
    return this.#reasons;
  }

  /** Whether requests of the task are degraded. */
  of(task: Task): boolean {
    return this.active || this.#enginesDown(task);
  }

  enter(reason: DegradedReason, note = ""): void {
    this.#reasons.set(reason, note);
  }

  leave(reason: DegradedReason): void {
    this.#reasons.delete(reason);
  }

  /**
   * What a request gets.
   * @throws AppError 503 DEGRADED with `Retry-After` where a degraded instance gets a request of priority `low`
   */
  decision(task: Task, priority: Priority): Decision {
    if (priority === "high" || !this.of(task)) return "serve";
    if (priority === "normal") return "simple";
    const retryAfterSeconds = this.#reasons.has("preemption") ? PREEMPTED_RETRY_SECONDS : RETRY_SECONDS;
    throw new AppError("DEGRADED", { retryAfterSeconds });
  }

  /** @param tasks those that this gateway has routes for */
  register(registry: Registry, tasks: readonly Task[]): void {
    const degraded = () => this.active || tasks.some((task) => this.of(task));
    new Gauge({
      name: METRICS.degraded,
      help: "1 while some requests get simple answers or none.",
      registers: [registry],
      collect() {
        this.set(degraded() ? 1 : 0);
      },
    });
  }
}
