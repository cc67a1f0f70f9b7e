import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { clientSignal } from "../client-signal";
import type { DegradedMode } from "../degraded/degraded-mode";
import type { CallContext } from "../engine/engine-client";
import type { ModelPool } from "../engine/model-pool";
import type { Lifecycle } from "../lifecycle";
import type { GatewayMetrics } from "../metrics";
import { traceparent } from "../plugins/request-identity";

/** What every generation route works with. */
export interface GenerationRouteOptions {
  readonly models: ModelPool;
  readonly lifecycle: Lifecycle;
  readonly metrics: GatewayMetrics;
  /** What a request of `request.priority` gets: `decision(task, priority)`. */
  readonly degraded: DegradedMode;
  /** Estimated tokens of a rendered prompt. */
  readonly promptBudgetTokens: number;
}

/** The request on whose behalf an engine is asked; the signal aborts when the client leaves. */
export function callContext(request: FastifyRequest, reply: FastifyReply): CallContext {
  return {
    requestId: request.id,
    traceparent: traceparent(request.headers.traceparent),
    signal: clientSignal(reply),
  };
}

export const languageSchema = z.enum(["ko", "en"]).default("ko").describe("Language of the answer");

export const streamSchema = z
  .boolean()
  .default(false)
  .describe("Answer with server-sent events shaped like OpenAI's chunks, ended by `data: [DONE]`");

/** Fields that every generated answer has. */
export const answerFields = {
  model: z.string().describe("Model that answered"),
  simulated: z.boolean().describe("Whether the built-in simulator answered instead of a model"),
  usage: z.object({
    prompt_tokens: z.int().nonnegative(),
    completion_tokens: z.int().nonnegative(),
    total_tokens: z.int().nonnegative(),
  }),
};

/** A 200 that is JSON, or a stream where the request asked for one. */
export function jsonOrStream<T extends z.ZodType>(schema: T, description: string) {
  return {
    description,
    content: {
      "application/json": { schema },
      "text/event-stream": { schema: z.string().describe("With `stream: true`") },
    },
  };
}
