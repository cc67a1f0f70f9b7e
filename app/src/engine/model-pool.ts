import { Agent } from "undici";
import type { Task } from "../contract";
import { AppError } from "../errors/app-error";
import { ConcurrencyLimit } from "./concurrency-limit";
import { type CallContext, EngineClient } from "./engine-client";
import type { ModelTable, ModelTarget } from "./model-table";

/** Largest answer that is read from an engine, in bytes: 8,192 tokens are about 32 KiB of text, in SSE about 2 MiB. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** One model on one engine, with the places that this gateway may take there. */
export class Model {
  readonly client: EngineClient;
  readonly limit: ConcurrencyLimit;
  readonly baseUrl: string;
  #name: string | undefined;

  constructor(target: ModelTarget, client: EngineClient) {
    this.client = client;
    this.limit = new ConcurrencyLimit(target.concurrency);
    this.baseUrl = target.baseUrl;
    this.#name = target.model;
  }

  /** The configured name, or `default` until {@link name} has learnt it. Bounded, so fit for a metric label. */
  get label(): string {
    return this.#name ?? "default";
  }

  /** The model's name as the engine serves it; where none is configured, the engine is asked once. */
  async name(context: CallContext): Promise<string> {
    if (this.#name === undefined) {
      const [first] = await this.client.listModels(context);
      this.#name = first;
    }
    return this.#name ?? "default";
  }
}

export interface ModelPoolOptions {
  readonly table: ModelTable;
  readonly apiKey?: string | undefined;
  /** Milliseconds; see `EngineClientOptions.timeoutMs`. */
  readonly timeoutMs: number;
}

/** The models behind the tasks. Tasks that name the same model share its client and its limit. */
export class ModelPool {
  readonly #agent = new Agent({ maxResponseSize: MAX_RESPONSE_BYTES });
  readonly #byTask: ReadonlyMap<string, Model>;

  constructor(options: ModelPoolOptions) {
    const models = new Map<string, Model>();
    const byTask = new Map<string, Model>();
    for (const [task, target] of Object.entries(options.table)) {
      if (target === undefined) continue;
      const key = `${target.baseUrl} ${target.model ?? ""}`;
      const model = models.get(key) ?? new Model(target, this.#client(target, options));
      models.set(key, model);
      byTask.set(task, model);
    }
    this.#byTask = byTask;
  }

  /** Every model, each once. */
  get models(): readonly Model[] {
    return [...new Set(this.#byTask.values())];
  }

  /** The model of a task. */
  forTask(task: Task): Model {
    const model = this.#byTask.get(task);
    if (model === undefined) throw new AppError("INTERNAL_ERROR", { cause: new Error(`no model for task ${task}`) });
    return model;
  }

  /** Closes the connections to the engines; what is in flight is cut off. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #client(target: ModelTarget, options: ModelPoolOptions): EngineClient {
    const { apiKey, timeoutMs } = options;
    return new EngineClient({ baseUrl: target.baseUrl, apiKey, timeoutMs, dispatcher: this.#agent });
  }
}
