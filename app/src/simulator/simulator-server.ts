import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { z } from "zod";
import { clientSignal } from "../client-signal";
import { SIMULATOR_FINGERPRINT } from "../engine/protocol";
import { type Plan, planChat, planCompletion, run, usageOf } from "./generation";
import { Gpu } from "./gpu";
import { chatBodySchema, completionBodySchema } from "./requests";
import { SimulatorMetrics } from "./simulator-metrics";
import { L4_GEMMA_12B } from "./timing";

/** The vLLM whose surface is imitated. */
const VLLM_VERSION = "0.33.0";
/** Bytes; well above the gateway's own limit, which is the one that counts. */
const BODY_LIMIT = 16 * 1024 * 1024;

export interface SimulatorOptions {
  /** How many times faster than one L4; 0 leaves every delay out. */
  readonly speed: number;
  /** Name of the served model. @default `gemma3-12b-it-gptq` */
  readonly model?: string;
}

/** How the two completion routes shape the same answer. */
interface Shape {
  readonly object: string;
  readonly chunkObject: string;
  readonly idPrefix: string;
  readonly whole: (text: string) => Record<string, unknown>;
  readonly piece: (text: string) => Record<string, unknown>;
}

const CHAT: Shape = {
  object: "chat.completion",
  chunkObject: "chat.completion.chunk",
  idPrefix: "chatcmpl",
  whole: (content) => ({ message: { role: "assistant", content } }),
  piece: (content) => ({ delta: { content } }),
};

const TEXT: Shape = {
  object: "text_completion",
  chunkObject: "text_completion",
  idPrefix: "cmpl",
  whole: (text) => ({ text }),
  piece: (text) => ({ text }),
};

/**
 * A server that speaks the parts of OpenAI's and vLLM's HTTP API that the gateway uses, with the pace of one L4 and
 * answers extracted from the prompt. Every answer says that it is simulated. Not yet listening.
 */
export function buildSimulator({ speed, model = L4_GEMMA_12B.model }: SimulatorOptions): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT, forceCloseConnections: true });
  const gpu = new Gpu(speed);
  const metrics = new SimulatorMetrics(model, gpu);

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("x-simulated", "true");
  });
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error instanceof z.ZodError ? 400 : (error.statusCode ?? 500);
    const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return reply.code(status).send({ error: { message, type: "BadRequestError", param: null, code: status } });
  });

  app.get("/health", async (_request, reply) => reply.send());
  app.get("/version", async () => ({ version: VLLM_VERSION, simulated: true }));
  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get("/v1/models", async () => ({
    object: "list",
    data: [{ id: model, object: "model", created: 0, owned_by: SIMULATOR_FINGERPRINT, root: model }],
  }));

  async function generate(
    reply: FastifyReply,
    body: { model: string; stream: boolean; stream_options?: { include_usage: boolean } | null | undefined },
    plan: Plan,
    shape: Shape,
  ) {
    if (body.model !== model) {
      const message = `The model \`${body.model}\` does not exist.`;
      return reply.code(404).send({ error: { message, type: "NotFoundError", param: "model", code: 404 } });
    }
    const head = {
      id: `${shape.idPrefix}-${randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model,
      system_fingerprint: SIMULATOR_FINGERPRINT,
    };
    const tokens = run(plan, gpu, metrics, clientSignal(reply));
    if (!body.stream) {
      let text = "";
      for await (const token of tokens) text += token;
      const choice = { index: 0, ...shape.whole(text), logprobs: null, finish_reason: plan.finishReason };
      return { ...head, object: shape.object, choices: [choice], usage: usageOf(plan) };
    }
    const chunkHead = { ...head, object: shape.chunkObject };
    const withUsage = body.stream_options?.include_usage ?? false;
    reply.type("text/event-stream; charset=utf-8").header("cache-control", "no-cache");
    return reply.send(Readable.from(events(tokens, plan, shape, chunkHead, withUsage)));
  }

  app.post("/v1/chat/completions", (request, reply) => {
    const body = chatBodySchema.parse(request.body);
    return generate(reply, body, planChat(body), CHAT);
  });
  app.post("/v1/completions", (request, reply) => {
    const body = completionBodySchema.parse(request.body);
    return generate(reply, body, planCompletion(body.prompt, body.max_tokens), TEXT);
  });
  return app;
}

async function* events(
  tokens: AsyncIterable<string>,
  plan: Plan,
  shape: Shape,
  head: Readonly<Record<string, unknown>>,
  withUsage: boolean,
): AsyncGenerator<string> {
  const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
  let index = 0;
  for await (const token of tokens) {
    index += 1;
    const finish_reason = index === plan.tokens.length ? plan.finishReason : null;
    yield event({ ...head, choices: [{ index: 0, ...shape.piece(token), logprobs: null, finish_reason }] });
  }
  if (withUsage) yield event({ ...head, choices: [], usage: usageOf(plan) });
  yield "data: [DONE]\n\n";
}
