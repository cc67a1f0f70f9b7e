import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { REQUEST_CLASSES, TASKS, type Task } from "../../contract/tasks";
import type { Usage } from "../../engines/client/protocol";
import type { GenerationCall } from "../../engines/client/task-model";
import type { RequestClass } from "../../engines/scheduling/job";
import { clientSignal } from "../../http/client-signal";
import { traceparent } from "../../http/plugins/request-identity";
import { identifier } from "../../http/routes/identifier";
import { eventSchema } from "../../http/streams/event-schemas";
import { priorityHeadersSchema } from "../../operations/degraded/priority";
import type { CacheResult } from "../../stores/response-cache";
import { explainSchema } from "./chain/explain";

const CLASS_HEADER = "x-request-class";

const CLASS_MEANINGS: Readonly<Record<RequestClass, string>> = {
  interactive: "somebody waits",
  batch: "nobody does; it uses what interactive requests leave",
};

/** Headers that the routes of a task read. */
export function generationHeaders(task: Task) {
  const meanings = REQUEST_CLASSES.map((name) => {
    const isDefault = name === TASKS[task].requestClass;
    return `${name}${isDefault ? " (the default)" : ""}: ${CLASS_MEANINGS[name]}`;
  });
  return priorityHeadersSchema.extend({
    [CLASS_HEADER]: z.enum(REQUEST_CLASSES).optional().describe(meanings.join(". ")),
  });
}

/** The call to a model that a request makes; its signal aborts when the client leaves. */
export function generationCall(request: FastifyRequest, reply: FastifyReply): GenerationCall {
  return {
    requestId: request.id,
    traceparent: traceparent(request.headers.traceparent),
    signal: clientSignal(reply),
    class: REQUEST_CLASSES.find((name) => name === request.headers[CLASS_HEADER]),
  };
}

/** Reports in `X-Cache` the response cache's result for this request. */
export function markCache(reply: FastifyReply, result: CacheResult): void {
  reply.header("x-cache", result.toUpperCase());
}

export const languageSchema = z.enum(["ko", "en"]).default("ko").describe("Language of the answer");

export const userSchema = identifier(200).describe("Whose text it is: stored texts and adapters are kept apart by it");

/** A text that is more than white space, which is taken off its ends. */
export const writtenText = z.string().trim().min(1).meta({ pattern: "\\S" });

export const streamSchema = z
  .boolean()
  .default(false)
  .describe("Answer with server-sent events shaped like OpenAI's chunks, ended by `data: [DONE]`");

export const explainQuery = z.strictObject({
  explain: z.enum(["true", "false"]).default("false").describe("Say how the answer came about, in `explain`"),
});

/** Usage as answers give it. */
export const usageSchema = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
  total_tokens: z.int().nonnegative(),
}) satisfies z.ZodType<Usage>;

/** Fields that every generated answer has. */
export const answerFields = {
  model: z.string().nullable().describe("Model that answered; null where none did, see `degraded`"),
  simulated: z.boolean().describe("Whether the built-in simulator answered instead of a model"),
  fallback: z.boolean().describe("Whether the task's fallback model answered"),
  adapter: z.string().nullable().describe("LoRA adapter that answered; null: the model itself"),
  adapter_fallback: z.boolean().describe("Whether an adapter was due and the model itself answered in its place"),
  degraded: z.boolean().describe("Whether this is a simple answer without a model, because the instance is degraded"),
  usage: usageSchema.describe("Tokens of all calls together; none for an answer out of the cache"),
};

/** How a chain's answer came about, with what happened before the chain. */
export const explainField = explainSchema
  .extend({
    summarised_files: z.int().nonnegative().optional().describe("Files whose changes were summarised beforehand"),
    summarise_ms: z.number().nonnegative().optional(),
  })
  .optional()
  .describe("With `?explain=true`");

export const sourceSchema = z.object({
  id: z.string(),
  title: z.string(),
  date: z.string(),
  score: z.number().describe("Calibrated cosine to the request"),
});

/** A chunk of a streamed text, in OpenAI's shape. An engine's own fields are passed on. */
const chunkSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal("chat.completion.chunk"),
    created: z.int().describe("Seconds since 1970"),
    model: z.string().nullable(),
    choices: z
      .array(
        z.looseObject({
          index: z.int(),
          delta: z.looseObject({
            role: z.string().nullish(),
            content: z.string().nullish().describe("Text to append"),
          }),
          finish_reason: z.string().nullish().describe("stop, or length where it was cut off; null until the end"),
        }),
      )
      .describe("Empty in the chunk with `usage`"),
    usage: z.looseObject(usageSchema.shape).nullish(),
    simulated: z.boolean().optional(),
    degraded: z.boolean().optional(),
  })
  .meta({ id: "ChatCompletionChunk" });

/**
 * A 200 that is JSON, or a stream with `stream: true`.
 * @param events data of the events that have a name. @default none but those of every stream
 */
export function jsonOrStream<T extends z.ZodType>(
  schema: T,
  description: string,
  events: Readonly<Record<string, z.ZodType>> = {},
) {
  return {
    description,
    content: {
      "application/json": { schema },
      "text/event-stream": { schema: eventSchema(chunkSchema, events) },
    },
  };
}
