import { plainAnswer } from "./fields";
import { type CachedPrompt, cachedPrompt } from "./kv-cache";
import { type Material, readConversation, readMaterial } from "./material";
import type { AnswerForm, ChatCompletionBody, Sampling, TextCompletionBody } from "./requests";
import { answerBySchema } from "./schema-answer";
import { L4_GEMMA_12B } from "./timing";
import { conversationTokens, fromTokens, toTokens } from "./tokenizer";
import { badRequest } from "./vllm-error";

/** What is generated for one request, worked out beforehand; only its timing is simulated. */
export interface Plan {
  readonly prompt: CachedPrompt;
  /** At least one. */
  readonly tokens: readonly string[];
  readonly finishReason: "stop" | "length";
  /** The stop string that ended the answer. */
  readonly stopReason: string | null;
  readonly maxTokens: number;
}

export interface PlanOptions {
  /** Name of the adapter that answers. @default the base model */
  readonly adapter: string | undefined;
  /** Tokens of prompt and answer together. */
  readonly maxModelLen: number;
}

/** @throws VllmError 400 when prompt and answer do not fit the context, or nothing matches the schema */
export function planChat(body: ChatCompletionBody, sampling: Sampling, options: PlanOptions): Plan {
  const conversation = readConversation(body.messages, sampling.form !== undefined);
  const material = { ...conversation, adapter: options.adapter };
  return plan(conversationTokens(body.messages), answer(sampling.form, material), sampling, options);
}

/**
 * The continuation of a bare prompt.
 * @throws VllmError as {@link planChat}
 */
export function planCompletion(body: TextCompletionBody, sampling: Sampling, options: PlanOptions): Plan {
  const prompt = promptText(body.prompt);
  const material = { ...readMaterial("", prompt), adapter: options.adapter };
  const text = answer(sampling.form, material);
  return plan(["<bos>", ...toTokens(prompt)], body.echo ? prompt + text : text, sampling, options);
}

function promptText(prompt: TextCompletionBody["prompt"]): string {
  if (typeof prompt === "string") return prompt;
  const [first] = prompt;
  if (typeof first === "string") return first;
  if (Array.isArray(first)) return fromTokens(first);
  return fromTokens(prompt.flatMap((id) => (typeof id === "number" ? id : [])));
}

function answer(form: AnswerForm | undefined, material: Material): string {
  switch (form?.kind) {
    case "schema":
      return JSON.stringify(answerBySchema(form.schema, material));
    case "object":
      return JSON.stringify({ answer: plainAnswer(material) });
    case "choice":
      return closest(form.choices, material);
    default:
      return plainAnswer(material);
  }
}

/** The choice that the material names first; none named, the first. */
function closest(choices: readonly string[], { text, question = "" }: Material): string {
  const everything = `${question}\n${text}`.toLowerCase();
  const places = choices.map((choice) => ({ choice, at: everything.indexOf(choice.toLowerCase()) }));
  const named = places.filter(({ at }) => at !== -1).sort((left, right) => left.at - right.at);
  return named[0]?.choice ?? choices[0] ?? "";
}

function plan(promptTokens: readonly string[], text: string, sampling: Sampling, { maxModelLen }: PlanOptions): Plan {
  const { length } = promptTokens;
  const { maxTokens = maxModelLen - length, stops, keepStop } = sampling;
  if (maxTokens > maxModelLen) {
    throw badRequest(
      `max_tokens=${maxTokens} cannot be greater than max_model_len=${maxModelLen}. Please request fewer output tokens. ` +
        `(parameter=max_tokens, value=${maxTokens})`,
      "max_tokens",
    );
  }
  if (length >= maxModelLen || length + maxTokens > maxModelLen) {
    const answer = Math.max(0, maxTokens);
    // vLLM stops counting at the first token too many.
    const counted = Math.min(length, maxModelLen - answer + 1);
    throw badRequest(
      `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${answer} ` +
        `output tokens and your prompt contains at least ${counted} input tokens, for a total of at least ` +
        `${counted + answer} tokens. Please reduce the length of the input prompt or the number of ` +
        "requested output tokens.",
      "input_tokens",
    );
  }
  const stop = firstStop(text, stops);
  const said = stop === undefined ? text : text.slice(0, stop.at + (keepStop ? stop.text.length : 0));
  const all = toTokens(said);
  const tokens = all.slice(0, maxTokens);
  const isCut = tokens.length < all.length;
  return {
    prompt: cachedPrompt(promptTokens, L4_GEMMA_12B.blockTokens),
    tokens: tokens.length === 0 ? [""] : tokens,
    finishReason: isCut ? "length" : "stop",
    stopReason: isCut ? null : (stop?.text ?? null),
    maxTokens,
  };
}

function firstStop(text: string, stops: readonly string[]) {
  const found = stops.map((stop) => ({ text: stop, at: text.indexOf(stop) })).filter(({ at }) => at !== -1);
  return found.sort((left, right) => left.at - right.at)[0];
}
