import type { Config } from "../../config/config";
import type { ModelTable } from "../../config/model-table";
import { ExactTokenCounter } from "../../shared/tokens/exact-counter";
import { estimatingCounter } from "../../shared/tokens/token-counter";
import { ModelPool, type ModelPoolOptions } from "./model-pool";

export interface OpenModelsOptions extends Pick<ModelPoolOptions, "degraded" | "onServed"> {
  readonly config: Config;
  readonly table: ModelTable;
  /** Whether the embedded simulator answers. */
  readonly simulated: boolean;
  /** Called when the tokenizer cannot be used; prompts are then estimated. */
  readonly onTokenizerLost: (reason: Error) => void;
}

/** The configured models, once their engines are resolved. */
export async function openModels(options: OpenModelsOptions): Promise<ModelPool> {
  const { config, table, simulated, degraded, onServed, onTokenizerLost } = options;
  const models = new ModelPool({
    table,
    degraded,
    onServed,
    apiKey: config.engineApiKey,
    timeoutMs: config.engineTimeoutMs,
    scheduler: config.scheduler,
    // The simulator schedules by priority; for other engines the operator sets it.
    priority: config.scheduler.enginePriority ?? simulated,
    fallbackQueues: config.fallbackQueues,
    counter: config.tokenCount === "exact" ? new ExactTokenCounter({ onLost: onTokenizerLost }) : estimatingCounter,
  });
  await models.start();
  return models;
}
