import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { TASKS } from "../../contract/tasks";
import { type ChatRequest, NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { AnsweredRawStream } from "../../engines/client/task-model";
import { errorSchema, generationErrors } from "../../http/errors/schema";
import { PRIORITY_HEADER, type Priority } from "../../operations/degraded/priority";
import { AppError } from "../../shared/errors/app-error";
import { generationCall, generationHeaders, jsonOrStream, usageSchema } from "../shared/generation-options";
import type { TaskParts } from "../shared/task-parts";
import { type ChatBody, chatBody } from "./chat-body";
import { ChatModels } from "./chat-models";
import { simpleCompletion, simpleEvents } from "./simple-answer";

type ChatParts = Pick<TaskParts, "models" | "degraded" | "streams">;

/** Tokens of an answer where the body sets no limit. */
const DEFAULT_MAX_TOKENS = 1_024;

const answerSchema = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int().describe("Seconds since 1970"),
  model: z.string().nullable().describe("Model that answered; null where none did, see `degraded`"),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.literal("assistant"), content: z.string() }),
      finish_reason: z.string().nullable().describe("stop, or length where it was cut off"),
    }),
  ),
  usage: usageSchema,
  simulated: z.boolean().describe("Whether the built-in simulator answered; streamed: header `X-Simulated`"),
  fallback: z.boolean().describe("Whether the fallback model answered; streamed: header `X-Fallback`"),
  degraded: z.boolean().describe("Whether this is a set sentence, because the instance is degraded"),
});

/** Chats: `/api/chat`, and OpenAI's shape of the same. Nothing is stored: a conversation is what its client sends. */
export const chatRoutes: FastifyPluginAsyncZod<ChatParts> = async (app, parts) => {
  const { degraded, streams } = parts;
  const models = new ChatModels(parts.models);

  async function streamed(body: ChatBody, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const model = models.named(body.model);
    const answered = await withinContext(model.streamRaw(chatRequest(body), generationCall(request, reply)));
    const { raw } = answered;
    return streams.answer(request, reply, {
      headers: answererHeaders(answered),
      // The engine's own events, passed on as the bytes that they are.
      write: async ({ output }) => {
        await raw.pipe(output, { end: true });
        logProcessed(request, reply, answered.model, raw.usage);
      },
      cancel: () => raw.cancel(),
    });
  }

  async function whole(body: ChatBody, request: FastifyRequest, reply: FastifyReply) {
    const call = generationCall(request, reply);
    const completion = await withinContext(models.named(body.model).complete(chatRequest(body), call));
    const { content, finishReason, usage, model, simulated, fallback } = completion;
    logProcessed(request, reply, model, usage);
    const message = { role: "assistant" as const, content };
    return {
      id: `chatcmpl-${request.id}`,
      object: "chat.completion" as const,
      created: seconds(),
      model,
      choices: [{ index: 0, message, finish_reason: finishReason }],
      usage,
      simulated,
      fallback,
      degraded: false,
    };
  }

  const routes = [
    { url: TASKS.chat.path, streams: true, summary: "Chat with a model; streamed unless `stream` is false" },
    { url: TASKS.chat.aliases[0], streams: false, summary: "The same under OpenAI's default: streamed only if asked" },
  ];
  for (const { url, streams: streamsByDefault, summary } of routes) {
    app.post(
      url,
      {
        schema: {
          tags: ["generation"],
          summary,
          headers: generationHeaders("chat"),
          body: chatBody(streamsByDefault),
          response: {
            200: jsonOrStream(answerSchema, "The answer, in OpenAI's shape"),
            404: errorSchema.describe("There is no such model"),
            ...generationErrors,
          },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const simple = degraded.decision("chat", priorityOf(request, body)) === "simple";
        if (simple) {
          models.named(body.model);
          logProcessed(request, reply, null, NO_USAGE);
          if (!body.stream) return simpleCompletion(request, seconds());
          return streams.answer(request, reply, simpleEvents(request, seconds()));
        }
        return body.stream ? streamed(body, request, reply) : whole(body, request, reply);
      },
    );
  }
};

function chatRequest({ messages, temperature, max_tokens: maxTokens = DEFAULT_MAX_TOKENS }: ChatBody): ChatRequest {
  return { messages, temperature, maxTokens };
}

/** @throws AppError 422 MAX_TOKENS_TOO_LARGE, with what fits, where a shorter answer would; otherwise as `answer` */
async function withinContext<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    const params = thrown instanceof AppError && thrown.code === "PROMPT_TOO_LONG" ? thrown.params : {};
    if (Number(params.largest) >= 1) throw new AppError("MAX_TOKENS_TOO_LARGE", { params, cause: thrown });
    throw thrown;
  }
}

/** Without `X-Priority` a chat in progress is important: half a conversation is worth less than none. */
function priorityOf(request: FastifyRequest, { messages }: ChatBody): Priority {
  const said = request.headers[PRIORITY_HEADER] !== undefined;
  return !said && messages.some(({ role }) => role === "assistant") ? "high" : request.priority;
}

/** A stream is the engine's own bytes: headers name what the gateway adds about the model. */
function answererHeaders({ simulated, fallback }: AnsweredRawStream): Readonly<Record<string, string>> {
  if (!simulated && !fallback) return {};
  return { ...(simulated && { "x-simulated": "true" }), ...(fallback && { "x-fallback": "true" }) };
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** The one line about a chat. Source of the sentence and its fields: R-61. */
function logProcessed(
  request: FastifyRequest,
  reply: FastifyReply,
  model: string | null,
  usage: Usage | undefined,
): void {
  request.log.info(
    {
      user_id: request.caller?.name,
      model,
      input_tokens: usage?.prompt_tokens,
      output_tokens: usage?.completion_tokens,
      latency_ms: Math.round(reply.elapsedTime),
    },
    "Chat request processed",
  );
}
