import type { ModelPool } from "../../engines/client/model-pool";
import type { TaskModel } from "../../engines/client/task-model";
import { AppError } from "../../shared/errors/app-error";
import { CURRENT_MODEL } from "./chat-body";

/** A model that chats may name, in OpenAI's shape. */
export interface ChatModel {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970 from which this gateway offers it. */
  readonly created: number;
  readonly owned_by: "terrace";
  /** For `current`: the model behind it. */
  readonly root: string;
  /** Tokens of prompt and answer together; null where the engine does not report it. */
  readonly max_model_len: number | null;
  /** Whether an engine takes requests for it, and serves it under its configured name. */
  readonly available: boolean;
}

/** The models that chats may name: `current`, and every model of the table. */
export class ChatModels {
  readonly #models: ModelPool;
  readonly #created = Math.floor(Date.now() / 1_000);

  constructor(models: ModelPool) {
    this.#models = models;
  }

  /** @throws AppError 404 UNKNOWN_MODEL */
  named(name: string): TaskModel {
    const model = name === CURRENT_MODEL ? this.#models.forTask("chat") : this.#models.chatModel(name);
    if (model === undefined) throw new AppError("UNKNOWN_MODEL", { params: { model: name } });
    return model;
  }

  list(): readonly ChatModel[] {
    const { model: current } = this.#models.forTask("chat");
    const entries = [{ id: CURRENT_MODEL, model: current }];
    for (const model of this.#models.models) entries.push({ id: model.label, model });
    return entries.map(({ id, model }) => ({
      id,
      object: "model",
      created: this.#created,
      owned_by: "terrace",
      root: model.label,
      max_model_len: model.contextTokens ?? null,
      available: !model.down && model.insteadListed === undefined,
    }));
  }
}
