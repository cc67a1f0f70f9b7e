import { z } from "zod";

/** The parts of OpenAI's chat completions protocol that the gateway sends and reads. */

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Most tokens of the answer. */
  readonly maxTokens: number;
  /** 0 to 2. */
  readonly temperature: number;
  /** JSON schema that the answer must match, enforced by the engine where it can. @default free text */
  readonly responseSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** Who answered. */
export interface Answerer {
  /** Name of the model as the engine serves it; an adapter over it has a name of its own. */
  readonly model: string;
  /** Whether that is the task's fallback model. */
  readonly fallback: boolean;
  /** The adapter that answered; null for the model itself. */
  readonly adapter: string | null;
  /** Whether the simulator answered. */
  readonly simulated: boolean;
}

/** How an answer that can be used ended: complete, or cut off at its token limit. */
export type AnswerEnd = "stop" | "length";

export interface Completion extends Answerer {
  readonly content: string;
  readonly usage: Usage;
  readonly finishReason: AnswerEnd;
}

/** A streamed answer whose first step has arrived. */
export interface CompletionStream extends Answerer {
  readonly deltas: AsyncIterable<CompletionDelta>;
}

/** One step of a streamed answer. */
export interface CompletionDelta {
  /** Text to append; may be empty. */
  readonly content: string;
  /** Why the answer ended, on the last step with text. */
  readonly finishReason: string | null;
  /** Tokens used, on the step after the last. */
  readonly usage: Usage | undefined;
}

const tokensSchema = z
  .number()
  .nullish()
  .transform((tokens) => tokens ?? 0);

/** Usage as engines report it. */
export const reportedUsageSchema = z.object({
  prompt_tokens: tokensSchema,
  completion_tokens: tokensSchema,
  total_tokens: tokensSchema,
});

/** A finished answer is not thrown away for a count that cannot be read. */
const answerUsageSchema = reportedUsageSchema.nullish().catch(undefined);

export const completionSchema = z.object({
  choices: z
    .tuple([z.object({ message: z.object({ content: z.string() }), finish_reason: z.string().nullish() })])
    .rest(z.unknown()),
  usage: answerUsageSchema,
  system_fingerprint: z.string().nullish(),
});

export const chunkSchema = z
  .object({
    /** Chunks with usage have none; the last one with text may have no `delta`. */
    choices: z
      .array(
        z.object({
          delta: z.object({ content: z.string().nullish() }).nullish(),
          finish_reason: z.string().nullish(),
        }),
      )
      .nullish(),
    usage: answerUsageSchema,
    system_fingerprint: z.string().nullish(),
  })
  .refine(({ choices, usage }) => choices != null || usage != null, { error: "no chunk of a completion" });

export const modelListSchema = z.object({
  data: z
    .array(
      z.object({
        id: z.string(),
        /** vLLM's: the model under an adapter. */
        parent: z.string().nullish(),
        /** vLLM's: tokens of prompt and answer together. */
        max_model_len: z.number().nullish(),
      }),
    )
    .min(1),
});

/** A model or adapter that an engine serves. */
export type ListedModel = z.output<typeof modelListSchema>["data"][number];

/**
 * The request body for OpenAI's `/v1/chat/completions`. Always streamed, also for an answer that is wanted whole: the
 * first token can then be timed, and an engine that falls silent is noticed.
 * @param priority vLLM's, lower first; `undefined` for an engine that does not schedule by it
 */
export function requestBody(model: string, request: ChatRequest, priority: number | undefined): string {
  const { responseSchema } = request;
  const body = JSON.stringify({
    model,
    messages: request.messages,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    ...(responseSchema && {
      response_format: { type: "json_schema", json_schema: { ...responseSchema, strict: true } },
    }),
    ...(priority !== undefined && { priority }),
    stream: true,
    stream_options: { include_usage: true },
  });
  return body.includes("\\ud") ? body.replace(LONE_SURROGATE, "$1\\ufffd") : body;
}

/**
 * Half of a surrogate pair, which is what is left where a text was cut inside an emoji, as JSON writes it; `$1` are
 * the escaped backslashes before it. vLLM answers 400 to it: Python has no UTF-8 for it.
 */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;
