import { ESTIMATE_ERROR_SHARE, exceedsTokens, roughTokens } from "../../shared/tokens/estimate";
import type { TokenCounter } from "../../shared/tokens/token-counter";
import { turnFor } from "../../shared/turns";
import type { Job } from "../scheduling/job";
import { promptPrefix } from "../scheduling/prompt-prefix";
import { promptTooLong } from "./engine-errors";
import type { ModelCall } from "./model-call";
import type { ChatMessage } from "./protocol";

/**
 * Tokens that a chat template puts around a message. Gemma's `<start_of_turn>user\n…<end_of_turn>\n` is 5; others 4 to
 * 8.
 */
const TEMPLATE_TOKENS = 5;
/** Most tokens that it puts before the first message and behind the last, where the answer begins; Gemma's are 4. */
const OPENING_TOKENS = 8;

export interface JobLimits {
  readonly counter: TokenCounter;
  /** Tokens that prompt and answer may take together. @default no limit here: the engine decides */
  readonly contextTokens: number | undefined;
  /** Milliseconds that the job may wait for a place. */
  readonly queueTimeoutMs: number;
}

/** The scheduler's job of a call. @throws AppError 422 when its prompt is too long */
export async function jobOf(call: ModelCall, { counter, contextTokens, queueTimeoutMs }: JobLimits): Promise<Job> {
  const { chat, adapter, signal } = call;
  const prompt = renderedPrompt(chat.messages);
  const promptTokens =
    call.promptTokens ?? (await countTokens(prompt, counter, contextTokens)) + chat.messages.length * TEMPLATE_TOKENS;
  // What the engine would refuse is refused here, unless the count may be wrong: then the engine decides.
  if (contextTokens !== undefined && promptTokens * (1 - counter.errorShare) + chat.maxTokens > contextTokens) {
    const largest = contextTokens - mostTokens(promptTokens, counter);
    throw promptTooLong({ tokens: promptTokens, answer: chat.maxTokens, context: contextTokens, largest });
  }
  return {
    promptTokens,
    adapter,
    signal,
    class: call.class,
    prefix: promptPrefix(prompt, promptTokens, adapter),
    maxTokens: chat.maxTokens,
    timeoutMs: queueTimeoutMs,
    reportsFirstToken: true,
  };
}

/** What a prompt of so many tokens, as they were counted, may take at most. */
export function mostTokens(promptTokens: number, counter: TokenCounter): number {
  return promptTokens * (1 + counter.errorShare) + OPENING_TOKENS;
}

/** What the engine will read, in its order; the template's own marks left out. */
function renderedPrompt(messages: readonly ChatMessage[]): string {
  let text = "";
  for (const { role, content } of messages) text += `${role}\n${content}\n`;
  return text;
}

/** Of a prompt that no engine of that context reads, about: a tokenizer would take half a minute to count it. */
async function countTokens(
  prompt: string,
  counter: TokenCounter,
  contextTokens = Number.POSITIVE_INFINITY,
): Promise<number> {
  const turn = turnFor(prompt.length);
  if (turn === undefined) return counter.count(prompt);
  await turn;
  const most = Math.ceil(contextTokens / (1 - ESTIMATE_ERROR_SHARE));
  if (Number.isFinite(most) && exceedsTokens(prompt, most)) return Math.max(most + 1, roughTokens(prompt));
  return counter.count(prompt);
}
