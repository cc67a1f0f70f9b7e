import type { Registry } from "prom-client";
import { Agent } from "undici";
import { type ModelTable, type ModelTarget, modelKey } from "../../config/model-table";
import { TASK_NAMES, TASKS, type Task } from "../../contract/tasks";
import { type Clock, systemClock } from "../../shared/clock";
import { AppError } from "../../shared/errors/app-error";
import { estimatingCounter, type TokenCounter } from "../../shared/tokens/token-counter";
import { SchedulingMetrics } from "../scheduling/scheduling-metrics";
import type { AdapterKeeper } from "./adapter-keeper";
import type { Endpoint } from "./endpoint";
import { EngineMetrics } from "./engine-metrics";
import { type Resolve, resolveBySystem } from "./model-endpoints";
import type { ServedEvent } from "./served-event";
import { type SchedulerSettings, ServedModel } from "./served-model";
import { TaskModel, type TaskTarget } from "./task-model";

/** Largest answer that is read from an engine, in bytes: 8,192 tokens are about 32 KiB of text, in SSE about 2 MiB. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
/**
 * Milliseconds for a TCP connection inside one network; a machine that is gone must not cost a request its 2 s to the
 * first token.
 */
const CONNECT_TIMEOUT_MS = 1_000;

/** Source: R-31. */
const DEFAULT_SCHEDULER: SchedulerSettings = {
  policy: "prefill",
  agingTokensPerSecond: 200,
  maxQueue: 1_000,
  queueTimeoutMs: 60_000,
};

export interface ModelPoolOptions {
  readonly table: ModelTable;
  readonly apiKey?: string | undefined;
  /** Milliseconds for a whole answer; for a streamed one, to its first byte and between bytes. */
  readonly timeoutMs: number;
  /** @default order by uncached prefill with ageing of 200 tokens/s, at most 1,000 waiting for 60 s */
  readonly scheduler?: SchedulerSettings | undefined;
  /** Send the scheduler's order on as vLLM's `priority`. @default false: under fcfs, vLLM ignores it */
  readonly priority?: boolean | undefined;
  /**
   * Task → requests waiting for its model from which the fallback model answers. @default their number never causes a
   * fallback
   */
  readonly fallbackQueues?: Readonly<Partial<Record<Task, number>>> | undefined;
  /** @default estimates by script */
  readonly counter?: TokenCounter | undefined;
  /** Whether requests of a task should rather go to its fallback model. @default never */
  readonly degraded?: ((task: Task) => boolean) | undefined;
  /** Called after every request. @default not called */
  readonly onServed?: ((event: ServedEvent) => void) | undefined;
  /** @default the system's resolver */
  readonly resolve?: Resolve | undefined;
  /** @default the process's own */
  readonly clock?: Clock | undefined;
}

/** The models behind the tasks. Tasks that name the same model share its engines and its queue. */
export class ModelPool {
  readonly #options: ModelPoolOptions;
  readonly #agent = new Agent({ maxResponseSize: MAX_RESPONSE_BYTES, connect: { timeout: CONNECT_TIMEOUT_MS } });
  readonly #models = new Map<string, ServedModel>();
  readonly #byTask = new Map<Task, TaskModel>();
  readonly #chats = new Map<ServedModel, TaskModel>();
  #metrics: { readonly engine: EngineMetrics; readonly scheduling: SchedulingMetrics } | undefined;

  constructor(options: ModelPoolOptions) {
    this.#options = options;
    for (const task of TASK_NAMES) this.#byTask.set(task, this.#taskModel(task));
    this.#chats.set(this.forTask("chat").model, this.forTask("chat"));
  }

  /** Every model, each once, fallbacks included. */
  get models(): readonly ServedModel[] {
    return [...this.#models.values()];
  }

  /** The model of a task. */
  forTask(task: Task): TaskModel {
    const model = this.#byTask.get(task);
    if (model === undefined) throw new AppError("INTERNAL_ERROR", { cause: new Error(`no model for task ${task}`) });
    return model;
  }

  /**
   * The model of that name for a chat, without the adapter and settings of other tasks. `undefined` where none has it.
   */
  chatModel(name: string): TaskModel | undefined {
    for (const [model, chat] of this.#chats) if (model.label === name) return chat;
    return undefined;
  }

  /** Whether every engine of a task's model, and of its fallback, is down. */
  down(task: Task): boolean {
    return this.forTask(task).down;
  }

  /** Engines that serve a model now, by its name. Empty where no task uses it. */
  hostsOf(model: string): readonly Endpoint[] {
    return this.models.filter(({ label }) => label === model).flatMap(({ endpoints }) => endpoints);
  }

  /** From now on, calls under an adapter of a model hold it on their endpoint, see `AdapterKeeper`. */
  keepAdapters(keeper: AdapterKeeper): void {
    for (const model of this.models) model.keepAdapters(keeper);
  }

  /** Measures from now on into a registry. To be called once. */
  instrument(registry: Registry): void {
    this.#metrics = {
      engine: new EngineMetrics(registry, () => this.models),
      scheduling: new SchedulingMetrics(registry, () => this.models.map(({ label, waiting }) => [label, waiting])),
    };
  }

  /** Resolves once every endpoint is known; before that, models behind DNS have none. */
  async start(): Promise<void> {
    await Promise.all(this.models.map((model) => model.start()));
  }

  /** Closes the connections to the engines; what is in flight is cut off. */
  async close(): Promise<void> {
    for (const model of this.models) model.stop();
    await this.#agent.destroy();
    await this.#options.counter?.close();
  }

  #taskModel(task: Task): TaskModel {
    const { timeoutMs, degraded = () => false, fallbackQueues = {} } = this.#options;
    const primary = this.#target(this.#targetOf(task));
    return new TaskModel({
      task,
      primary,
      timeoutMs,
      degraded,
      fallback: this.#fallback(primary),
      fallbackQueue: fallbackQueues[task],
    });
  }

  #targetOf(task: Task): ModelTarget {
    const { table } = this.#options;
    return table[task] ?? table[TASKS[task].modelOf];
  }

  /** A fallback to the same model would be none. */
  #fallback({ target, model }: TaskTarget): TaskTarget | undefined {
    const { fallback } = target;
    if (fallback === undefined) return undefined;
    const found = this.#target(typeof fallback === "string" ? this.#targetOf(fallback) : fallback);
    return found.model === model ? undefined : found;
  }

  #target(target: ModelTarget): TaskTarget {
    const key = modelKey(target);
    const known = this.#models.get(key);
    if (known !== undefined) return { target, model: known };
    const model = this.#served(target);
    this.#models.set(key, model);
    this.#chats.set(model, this.#chatWith(target, model));
    return { target, model };
  }

  #chatWith(target: ModelTarget, model: ServedModel): TaskModel {
    const { timeoutMs, degraded = () => false } = this.#options;
    const bare = { ...target, adapter: undefined, temperature: undefined, maxTokens: undefined };
    return new TaskModel({ task: "chat", primary: { target: bare, model }, timeoutMs, degraded });
  }

  #served(target: ModelTarget): ServedModel {
    const { apiKey, timeoutMs, scheduler, priority, counter, clock, resolve, onServed } = this.#options;
    return new ServedModel({
      target,
      apiKey,
      timeoutMs,
      scheduler: scheduler ?? DEFAULT_SCHEDULER,
      priority: priority ?? false,
      counter: counter ?? estimatingCounter,
      http: this.#agent,
      clock: clock ?? systemClock,
      resolve: resolve ?? resolveBySystem,
      onServed: (event) => {
        this.#metrics?.engine.served(event);
        onServed?.(event);
      },
      onRetry: (model, reason) => this.#metrics?.engine.retry(model, reason),
      onWait: (model, requestClass, waitedMs) => this.#metrics?.scheduling.waited(model, requestClass, waitedMs),
    });
  }
}
