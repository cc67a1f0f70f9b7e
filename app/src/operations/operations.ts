import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../contract/metrics";
import { TASK_NAMES } from "../contract/tasks";
import type { ServedEvent } from "../engines/client/served-event";
import { ActiveUsers } from "./activity/active-users";
import { ActivityTracker } from "./activity/activity-tracker";
import { DegradedMode, type DegradedModeOptions } from "./degraded/degraded-mode";
import { GoodputTracker } from "./goodput/goodput-tracker";
import { Dependencies } from "./health/dependencies";
import { Lifecycle } from "./lifecycle";
import { WorkInFlight } from "./load/work-in-flight";

export interface OperationsOptions extends DegradedModeOptions {
  /** Milliseconds to the first token that count as good. */
  readonly slaTtftMs: number;
  /** @default a new one */
  readonly lifecycle?: Lifecycle;
}

/** State of this running instance: one of each part, made by the entry point, shared by routes and watchers. */
export class Operations {
  readonly lifecycle: Lifecycle;
  readonly work = new WorkInFlight();
  readonly degraded: DegradedMode;
  readonly goodput: GoodputTracker;
  readonly activity = new ActivityTracker();
  readonly users = new ActiveUsers();
  readonly dependencies = new Dependencies();
  #preempted = false;

  constructor(options: OperationsOptions) {
    this.lifecycle = options.lifecycle ?? new Lifecycle();
    this.degraded = new DegradedMode(options);
    this.goodput = new GoodputTracker({ slaTtftMs: options.slaTtftMs });
    this.lifecycle.onDraining(() => this.work.draining());
  }

  /** Whether the machine got its notice of preemption. */
  get preempted(): boolean {
    return this.#preempted;
  }

  /** An engine answered, or failed to. */
  served(event: ServedEvent): void {
    this.goodput.served(event);
    this.activity.served(event);
  }

  /** Starts degraded mode on a machine that stops in seconds. The drain is the caller's to start. */
  preempt(): void {
    this.#preempted = true;
    this.degraded.enter("preemption");
  }

  /** Cancels an operator's drain. @returns false where the instance drains for another reason */
  resume(): boolean {
    const resumed = this.lifecycle.resume();
    if (resumed) this.work.resumed();
    return resumed;
  }

  register(registry: Registry): void {
    this.work.register(registry);
    this.degraded.register(registry, TASK_NAMES);
    this.goodput.register(registry);
    this.users.register(registry);
    this.dependencies.register(registry);
    const preempted = () => this.#preempted;
    new Gauge({
      name: METRICS.preempted,
      help: "1 once the machine was told that it will be preempted.",
      registers: [registry],
      collect() {
        this.set(preempted() ? 1 : 0);
      },
    });
  }
}
