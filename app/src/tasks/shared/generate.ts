import { type AdapterServing, BASE_MODEL_ONLY } from "../../engines/adapters/adapter-serving";
import { type AdapterChoice, BASE_MODEL } from "../../engines/adapters/selection";
import type { Answerer, CompletionStream } from "../../engines/client/protocol";
import type { GenerationCall, TaskModel } from "../../engines/client/task-model";
import { AppError } from "../../shared/errors/app-error";
import type { FittedPrompt, Prompt, ShortenablePrompt } from "./prompts/prompt";

/** How an answer is read: {@link streamed}, or `structured` in a given shape. */
export type GenerationMode<T extends Answerer> = (model: TaskModel, prompt: Prompt, call: GenerationCall) => Promise<T>;

/** Text as a stream, of which the first step is here. */
export const streamed: GenerationMode<CompletionStream> = (model, prompt, call) => model.stream(prompt, call);

export interface GenerateProps<T extends Answerer> {
  readonly model: TaskModel;
  readonly prompt: ShortenablePrompt;
  readonly mode: GenerationMode<T>;
  readonly call: GenerationCall;
  /** @default no adapters: the model itself answers */
  readonly adapters?: AdapterServing | undefined;
  /** The adapter that is due. @default none */
  readonly choice?: AdapterChoice | undefined;
}

/** An answer with what could not be done as it was meant. */
export type Generated<T extends Answerer> = T & {
  /** Whether an adapter was due and did not answer. */
  readonly adapterFallback: boolean;
  /** Whether some of the material was left out of the prompt. */
  readonly cut: boolean;
};

/**
 * A model's answer for a task: under the chosen adapter, or the base model where that cannot be had, and with a shorter
 * prompt where the engine finds it longer than its context.
 * @throws AppError 422 PROMPT_TOO_LONG where half the prompt's budget is still too long; and as the mode
 */
export async function generate<T extends Answerer>({
  model,
  prompt,
  mode,
  call,
  adapters = BASE_MODEL_ONLY,
  choice = BASE_MODEL,
}: GenerateProps<T>): Promise<Generated<T>> {
  const { value } = await adapters.run(model.task, choice, (adapter) =>
    withinContext(prompt, async (fitted) => {
      const answer = await mode(model, fitted, { ...call, adapter });
      return { ...answer, cut: fitted.cut };
    }),
  );
  // A fallback model answers without the adapter too, which was trained over another.
  const missed = choice.name !== null && value.adapter !== choice.name;
  return { ...value, adapterFallback: choice.fallbackReason !== undefined || missed };
}

/**
 * Shares of the budget that are tried in turn. Prompts are cut by estimated tokens, which are Gemma's; a model with a
 * smaller vocabulary takes up to 1.4 times as many for code and Hangul, hence 0.7, and 0.5 for what is stranger still.
 */
const SHARES = [0.7, 0.5] as const;

/** Retries with less material: it is there to be cut, and a refusal costs the engine nothing. */
async function withinContext<T>(prompt: ShortenablePrompt, send: (prompt: FittedPrompt) => Promise<T>): Promise<T> {
  let fitted: FittedPrompt = prompt;
  for (const share of SHARES) {
    try {
      return await send(fitted);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "PROMPT_TOO_LONG") throw thrown;
      fitted = prompt.shortened(share);
    }
  }
  return send(fitted);
}
