import { z } from "zod";

/** An error in OpenAI's shape, as vLLM and most other engines answer it. A proxy's error page has none. */
const replySchema = z.object({ error: z.object({ message: z.string(), type: z.string().nullish() }) });

/** vLLM's `type` of a 503, and OpenAI's and SGLang's of a full engine. */
const FULL_TYPES: ReadonlySet<string> = new Set([
  "Service Unavailable",
  "ServiceUnavailableError",
  "overloaded_error",
  "server_error",
]);
/**
 * vLLM's two sentences of `--max-num-queued-reqs` and `--max-num-queued-tokens` (`vllm/exceptions.py`) end alike; other
 * engines say it in one of the words. A server that loads its model or shuts down says neither.
 */
const FULL_WORDS = /or on a different instance|currently busy|backlog limit|\bqueue\b|overloaded|too many requests/i;
/** vLLM's `type` of a 500. */
const GONE_TYPE = "InternalServerError";
/**
 * What vLLM answers while it drains (`--shutdown-timeout`): its listener is open and `/health` is 200, but its executor
 * takes no work; and what it answers once EngineCore has died.
 */
const GONE_WORDS = /cannot schedule new futures after (interpreter )?shutdown|EngineCore encountered an issue/;

/** Whether a 503 comes from an engine that is well and only full. */
export function saysFull(body: string): boolean {
  const { message, type } = errorOf(body) ?? {};
  return message !== undefined && (type == null || FULL_TYPES.has(type)) && FULL_WORDS.test(message);
}

/** Whether a 500, or an error in a stream, comes from an engine that is draining or dead. */
export function saysGone(body: string): boolean {
  const { message, type } = errorOf(body) ?? {};
  return message !== undefined && (type == null || type === GONE_TYPE) && GONE_WORDS.test(message);
}

function errorOf(body: string): z.output<typeof replySchema>["error"] | undefined {
  try {
    return replySchema.safeParse(JSON.parse(body)).data?.error;
  } catch {
    return undefined;
  }
}

/** A prompt that leaves no room for its answer, in tokens. */
export interface ContextExcess {
  readonly tokens: number;
  /** Whether `tokens` is only a lower bound: vLLM stops counting at the first token too many. @default exact, or estimated */
  readonly atLeast?: boolean;
  /** Most tokens of the answer. */
  readonly answer: number;
  /** Of prompt and answer together. */
  readonly context: number;
  /** Most tokens of an answer that this prompt leaves room for; below 1 where it leaves none. */
  readonly largest: number;
}

/** What the request asked for, in tokens; 0 where it is not known. */
export interface RequestedTokens {
  /** The prompt's, as the gateway estimates them at most. */
  readonly prompt: number;
  /** Most tokens of the answer. */
  readonly answer: number;
}

/** vLLM's context length: of the whole request, or, before the prompt is counted, of `max_tokens` alone. */
const CONTEXT = /maximum context length is (\d+) tokens/;
const ANSWER_ALONE = /cannot be greater than max_model_len=(?:max_total_tokens=)?(\d+)/;
/** The prompt's size: "your prompt contains 9001 input tokens", "your request has …", "… at least 8193 input tokens". */
const INPUT = /(?:contains|has) (at least )?(\d+) input tokens/;
/** Of older versions: "you requested 9001 tokens (8745 in the messages, …". */
const TOTAL = /requested (\d+) tokens/;

/** vLLM's 400 for a prompt or a `max_tokens` beyond its context; `undefined` where it says something else. */
export function contextExcess(body: string, { prompt, answer }: RequestedTokens): ContextExcess | undefined {
  const alone = ANSWER_ALONE.exec(body)?.[1];
  if (alone !== undefined) {
    const context = Number(alone);
    return { tokens: prompt, answer, context, largest: context - prompt };
  }
  const [, length] = CONTEXT.exec(body) ?? [];
  if (length === undefined) return undefined;
  const context = Number(length);
  const [, bound, input] = INPUT.exec(body) ?? [];
  const [, total] = TOTAL.exec(body) ?? [];
  if (input === undefined) {
    const tokens = total === undefined ? context : Math.max(0, Number(total) - answer);
    return { tokens, answer, context, largest: context - tokens };
  }
  const tokens = Number(input);
  if (bound === undefined) return { tokens, answer, context, largest: context - tokens };
  return { tokens, atLeast: true, answer, context, largest: context - Math.max(tokens, prompt) };
}
