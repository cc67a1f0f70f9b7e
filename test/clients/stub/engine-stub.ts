/**
 * An engine that calls tools, breaks off, hangs and is full when a client's scene wants it to: no model, and said to be
 * none. Answers have vLLM's shapes, refusals OpenAI's.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { CREATED, chunks, completion, deltaEvent, event } from "./chunks";
import { answerOf, type Chat, chatSchema, sceneOf } from "./scenes";

/** Tokens of prompt and answer; a longer prompt is refused. */
const CONTEXT_TOKENS = 4_096;
export const STUB_MODEL = "stub-model";
/** Numbers of each embedding. */
const DIMENSIONS = 8;
/** Between the words of an answer that has no end. */
const WORD_MS = 10;

const embeddingsSchema = z.looseObject({
  input: z.union([z.string(), z.array(z.string())]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

/** A stub that runs. */
export interface EngineStub {
  readonly baseUrl: string;
  /** Clients whose connection closed before the end of their answer, by scene. */
  readonly left: ReadonlyMap<string, ReadonlySet<string>>;
  /** Chats that it received, by scene and client: `full python`. */
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** @param key the only one that it takes */
export async function startEngineStub(key: string): Promise<EngineStub> {
  const left = new Map<string, Set<string>>();
  const counts = new Map<string, number>();

  async function chat(body: Chat, response: ServerResponse): Promise<void> {
    const { scene, client } = sceneOf(body);
    const name = `${scene} ${client}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    response.once("close", () => {
      if (!response.writableFinished) left.set(scene, (left.get(scene) ?? new Set()).add(client));
    });
    if (scene === "full" && count === 1) return refuseForNow(response);
    if (JSON.stringify(body.messages).length / 4 > CONTEXT_TOKENS) return refusePrompt(response);
    // Never answered: the client's own limit ends it.
    if (scene === "slow") return;
    if (!body.stream) return json(response, 200, completion(body.model, answerOf(body)));
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    if (scene === "abort") return endless(body.model, response);
    const all = chunks(body.model, answerOf(body), body.stream_options?.include_usage === true);
    if (scene === "broken") return broken(all, response);
    for (const part of all) response.write(part);
    response.end();
  }

  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${key}`) return refuseKey(response);
    if (request.url === "/v1/models") return json(response, 200, { object: "list", data: [listed()] });
    if (request.url === "/v1/embeddings") return embed(embeddingsSchema.parse(await body(request)), response);
    if (request.url === "/v1/chat/completions") return chat(chatSchema.parse(await body(request)), response);
    json(response, 404, { error: { message: "Not Found", type: "NotFoundError", param: null, code: 404 } });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    left,
    counts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function body(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request));
}

function json(response: ServerResponse, status: number, data: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(data));
}

function listed() {
  return { id: STUB_MODEL, object: "model", created: CREATED, owned_by: "stub", max_model_len: CONTEXT_TOKENS };
}

function refuseKey(response: ServerResponse): void {
  const error = { message: "Incorrect API key.", type: "invalid_request_error", param: null, code: "invalid_api_key" };
  json(response, 401, { error });
}

/** As OpenAI's API does. */
function refuseForNow(response: ServerResponse): void {
  const error = { message: "Too many requests.", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" };
  json(response, 429, { error }, { "retry-after": "1" });
}

function refusePrompt(response: ServerResponse): void {
  const message = `This model's maximum context length is ${CONTEXT_TOKENS} tokens. Please reduce the length of the messages.`;
  const error = { message, type: "invalid_request_error", param: "messages", code: "context_length_exceeded" };
  json(response, 400, { error });
}

/** OpenAI's error in a stream, after a few words. */
function broken(all: readonly string[], response: ServerResponse): void {
  for (const part of all.slice(0, 4)) response.write(part);
  const error = { message: "The stub broke off.", type: "server_error", param: null, code: "broken" };
  response.end(event({ error }));
}

async function endless(model: string, response: ServerResponse): Promise<void> {
  for (let word = 1; !response.destroyed; word += 1) {
    response.write(deltaEvent(model, { content: `word${word} ` }));
    await delay(WORD_MS);
  }
}

function embed({ input, encoding_format: format }: z.output<typeof embeddingsSchema>, response: ServerResponse): void {
  const texts = typeof input === "string" ? [input] : input;
  const data = texts.map((_text, index) => {
    const vector = Float32Array.from({ length: DIMENSIONS }, (_value, at) => (at === index % DIMENSIONS ? 1 : 0));
    const embedding = format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
    return { object: "embedding", index, embedding };
  });
  json(response, 200, { object: "list", model: STUB_MODEL, data, usage: { prompt_tokens: 4, total_tokens: 4 } });
}
