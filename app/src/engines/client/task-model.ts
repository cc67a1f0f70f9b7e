import type { ModelTarget } from "../../config/model-table";
import { TASKS, type Task } from "../../contract/tasks";
import { AppError } from "../../shared/errors/app-error";
import type { RequestClass } from "../scheduling/job";
import { AnswerEndCheck } from "./answer-end";
import { engineBadReply } from "./engine-errors";
import type { CallContext } from "./exchange";
import type { ModelCall } from "./model-call";
import {
  type AnswerEnd,
  type Answerer,
  type ChatRequest,
  type Completion,
  type CompletionDelta,
  type CompletionStream,
  NO_USAGE,
  type Usage,
} from "./protocol";
import type { RawStream } from "./raw-stream";
import type { ReasoningFilter } from "./reasoning";
import type { Run } from "./run";
import type { ServedModel } from "./served-model";

/** A generation request of a task. */
export interface GenerationCall extends CallContext {
  /** `batch` where nobody waits for the answer. @default by the task's row */
  readonly class?: RequestClass | undefined;
  /** The engine's name of a LoRA adapter. @default the task's own, or the model itself */
  readonly adapter?: string | undefined;
  /** Tokens of the prompt, where they have been counted. @default counted again */
  readonly promptTokens?: number | undefined;
}

/** A raw stream with who answers it. */
export interface AnsweredRawStream extends Answerer {
  readonly raw: RawStream;
}

/** A model with what the table says about one task of it. */
export interface TaskTarget {
  readonly target: ModelTarget;
  readonly model: ServedModel;
}

export interface TaskModelOptions {
  readonly task: Task;
  readonly primary: TaskTarget;
  readonly fallback?: TaskTarget | undefined;
  /** Milliseconds of an answer where the table has none. */
  readonly timeoutMs: number;
  /** Waiting requests from which the fallback answers. @default the length of the queue has no effect */
  readonly fallbackQueue?: number | undefined;
  /** Whether the fallback answers the task, because the instance is degraded. */
  readonly degraded: (task: Task) => boolean;
}

/** The model that answers a task, with its fallback. Every method throws as `ServedModel.open`. */
export class TaskModel {
  readonly #options: TaskModelOptions;

  constructor(options: TaskModelOptions) {
    this.#options = options;
  }

  get task(): Task {
    return this.#options.task;
  }

  /** The model that the table names first. */
  get model(): ServedModel {
    return this.#options.primary.model;
  }

  /** Label of that model, fit for a metric. */
  get label(): string {
    return this.model.label;
  }

  /** Whether neither the model nor its fallback takes requests. */
  get down(): boolean {
    return this.model.down && (this.#options.fallback?.model.down ?? true);
  }

  /** One whole answer as the model wrote it, reasoning included, within the task's time from when an engine is asked. */
  async complete(chat: ChatRequest, call: GenerationCall): Promise<Completion> {
    const { deltas, ...answerer } = await this.#stream(chat, call, true);
    let content = "";
    let usage: Usage = NO_USAGE;
    let finishReason: AnswerEnd = "stop";
    for await (const delta of deltas) {
      content += delta.content;
      usage = delta.usage ?? usage;
      if (delta.finishReason === "length") finishReason = "length";
    }
    return { ...answerer, content, usage, finishReason };
  }

  /** A streamed answer without its reasoning; resolves when its first step is here, so that an earlier failure is still an HTTP status. */
  stream(chat: ChatRequest, call: GenerationCall): Promise<CompletionStream> {
    return this.#stream(chat, call, false);
  }

  /** A streamed answer as the engine's own bytes, see `RawStream`: the way that costs least. */
  async streamRaw(chat: ChatRequest, call: GenerationCall): Promise<AnsweredRawStream> {
    const { served, request, fallback, adapter } = this.#prepare(chat, call, false);
    const {
      answer: raw,
      run,
      model,
    } = await served.open(request, (client, body, exchange) => client.openRaw(body, exchange));
    raw.watch({
      firstText: () => run.text(),
      ended: (usage) => run.ended(usage),
      failed: (error) => run.failed(error),
    });
    return { raw, model, fallback, adapter, simulated: raw.simulated };
  }

  async #stream(chat: ChatRequest, call: GenerationCall, whole: boolean): Promise<CompletionStream> {
    const { served, request, fallback, adapter } = this.#prepare(chat, call, whole);
    const { answer, run, model } = await served.open(request, (client, body, exchange) =>
      client.openStream(body, exchange),
    );
    const deltas = observed(answer.deltas, run, whole ? undefined : served.family.reasoningFilter());
    return { simulated: answer.simulated, model, fallback, adapter, deltas };
  }

  /** The model that answers, and its request. */
  #prepare(chat: ChatRequest, call: GenerationCall, whole: boolean) {
    const { task, primary, timeoutMs } = this.#options;
    const { target, model: served } = this.#choose();
    const fallback = served !== primary.model;
    // An adapter belongs to the model that it was trained over.
    const adapter = fallback ? target.adapter : (call.adapter ?? target.adapter);
    const request: ModelCall = {
      requestId: call.requestId,
      traceparent: call.traceparent,
      signal: call.signal,
      task,
      adapter,
      whole,
      promptTokens: call.promptTokens,
      class: call.class ?? TASKS[task].requestClass,
      timeoutMs: target.timeoutMs ?? timeoutMs,
      chat: {
        ...chat,
        maxTokens: Math.min(chat.maxTokens, target.maxTokens ?? chat.maxTokens),
        temperature: target.temperature ?? chat.temperature,
      },
    };
    return { served, request, fallback, adapter: adapter ?? null };
  }

  #choose(): TaskTarget {
    const { task, primary, fallback, fallbackQueue, degraded } = this.#options;
    if (fallback === undefined || fallback.model.down) return primary;
    const queued = fallbackQueue !== undefined && primary.model.waiting >= fallbackQueue;
    return queued || primary.model.down || degraded(task) ? fallback : primary;
  }
}

/**
 * The deltas of a run, which ends with them, also where their reader stops early.
 * @param filter takes the reasoning out of the text. @default the text is what the model wrote
 * @throws AppError 502 where the answer did not end well, see `AnswerEndCheck`
 */
async function* observed(
  deltas: CompletionStream["deltas"],
  run: Run,
  filter: ReasoningFilter | undefined,
): AsyncGenerator<CompletionDelta> {
  const end = new AnswerEndCheck();
  let usage: Usage | undefined;
  try {
    for await (const delta of deltas) {
      if (delta.content !== "") run.text();
      usage = delta.usage ?? usage;
      const step = filter === undefined ? delta : filtered(delta, filter);
      end.step(step);
      yield step;
    }
    end.complete();
    run.ended(usage);
  } catch (thrown) {
    run.failed(thrown instanceof AppError ? thrown : new AppError("INTERNAL_ERROR", { cause: thrown }));
    throw thrown;
  } finally {
    run.left();
  }
}

/** A step without what is reasoning in it. @throws EngineError 502 where reasoning was shown already */
function filtered(delta: CompletionDelta, filter: ReasoningFilter): CompletionDelta {
  const shown = filter.push(delta.content);
  if (delta.finishReason === null) return { ...delta, content: shown };
  try {
    return { ...delta, content: shown + filter.end(delta.finishReason === "stop") };
  } catch (thrown) {
    throw engineBadReply(thrown);
  }
}
