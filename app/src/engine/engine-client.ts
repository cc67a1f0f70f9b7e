import { type Dispatcher, request } from "undici";
import type { z } from "zod";
import { type ExchangeLimits, engineBadReply, fromFailure, fromStatus } from "./engine-errors";
import {
  type ChatRequest,
  type Completion,
  type CompletionDelta,
  chunkSchema,
  completionSchema,
  modelListSchema,
  NO_USAGE,
  requestBody,
  SIMULATOR_FINGERPRINT,
} from "./protocol";
import { decodeSse } from "./sse-decoder";

/** On whose behalf an engine is asked. */
export interface CallContext {
  readonly requestId: string;
  /** W3C trace context of the client, passed on. */
  readonly traceparent?: string | undefined;
  /** Aborts when the client leaves; the engine's connection is then closed, which stops the generation. */
  readonly signal: AbortSignal;
}

/** A streamed answer whose first step has arrived. */
export interface CompletionStream {
  readonly simulated: boolean;
  readonly deltas: AsyncIterable<CompletionDelta>;
}

export interface EngineClientOptions {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** @default no `Authorization` header */
  readonly apiKey?: string | undefined;
  /** Milliseconds for a whole answer; for a streamed one, to its first byte and between bytes. */
  readonly timeoutMs: number;
  readonly dispatcher: Dispatcher;
}

/**
 * A client of one OpenAI-compatible engine. Every method throws an `AppError`: 429 engine full, 502 unusable answer,
 * 503 unreachable, 504 too slow, 499 when the caller's signal aborted.
 */
export class EngineClient {
  readonly #options: EngineClientOptions;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  /** One whole answer. */
  async complete(model: string, chat: ChatRequest, context: CallContext): Promise<Completion> {
    return this.#within(this.#options.timeoutMs, context.signal, async (signal) => {
      const response = await this.#post(requestBody(model, chat, false), { ...context, signal });
      const reply = parse(completionSchema, await response.body.text());
      return {
        content: reply.choices[0].message.content,
        usage: reply.usage ?? NO_USAGE,
        simulated: reply.system_fingerprint === SIMULATOR_FINGERPRINT,
      };
    });
  }

  /** A streamed answer; resolves when its first step is here, so that a failure before it is still an HTTP status. */
  async stream(model: string, chat: ChatRequest, context: CallContext): Promise<CompletionStream> {
    const limits = { caller: context.signal, timeoutMs: this.#options.timeoutMs };
    try {
      const response = await this.#post(requestBody(model, chat, true), context);
      const chunks = decodeChunks(response.body);
      const first = await chunks.next();
      if (first.done) throw engineBadReply(new Error("the stream ended before its first event"));
      const simulated = first.value.system_fingerprint === SIMULATOR_FINGERPRINT;
      return { simulated, deltas: deltas(first.value, chunks, limits) };
    } catch (thrown) {
      throw fromFailure(thrown, limits);
    }
  }

  /** Names of the models that the engine serves, at least one. */
  async listModels(context: CallContext, timeoutMs = this.#options.timeoutMs): Promise<readonly string[]> {
    return this.#within(timeoutMs, context.signal, async (signal) => {
      const response = await this.#send("GET", "/models", undefined, { ...context, signal });
      return parse(modelListSchema, await response.body.text()).data.map((model) => model.id);
    });
  }

  #post(body: string, context: CallContext): Promise<Dispatcher.ResponseData> {
    return this.#send("POST", "/chat/completions", body, context);
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body: string | undefined,
    context: CallContext,
  ): Promise<Dispatcher.ResponseData> {
    const { baseUrl, apiKey, timeoutMs, dispatcher } = this.#options;
    const response = await request(baseUrl + path, {
      method,
      dispatcher,
      signal: context.signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: {
        accept: "application/json, text/event-stream",
        "x-request-id": context.requestId,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
      },
      ...(body !== undefined && { body }),
    });
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const retryAfter = response.headers["retry-after"];
    const text = await response.body.text();
    throw fromStatus(response.statusCode, text, typeof retryAfter === "string" ? retryAfter : undefined, timeoutMs);
  }

  /** Runs an exchange under a deadline for the whole of it. */
  async #within<T>(timeoutMs: number, caller: AbortSignal, exchange: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      return await exchange(AbortSignal.any([caller, deadline]));
    } catch (thrown) {
      throw fromFailure(thrown, { caller, deadline, timeoutMs });
    }
  }
}

type Chunk = z.output<typeof chunkSchema>;

/** Chunks up to `[DONE]`. A stream that just ends was cut off: an error, not a short answer. */
async function* decodeChunks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk> {
  let complete = false;
  // Read to the end of the body even after [DONE], so that the connection can be used again.
  for await (const data of decodeSse(bytes)) {
    if (data === "[DONE]") complete = true;
    else if (!complete) yield parse(chunkSchema, data);
  }
  if (!complete) throw engineBadReply(new Error("the stream ended without [DONE]"));
}

async function* deltas(
  first: Chunk,
  rest: AsyncGenerator<Chunk>,
  limits: ExchangeLimits,
): AsyncGenerator<CompletionDelta> {
  try {
    yield toDelta(first);
    for await (const chunk of rest) yield toDelta(chunk);
  } catch (thrown) {
    throw fromFailure(thrown, limits);
  } finally {
    // Closes the engine's connection where the consumer stopped early.
    await rest.return(undefined);
  }
}

function toDelta(chunk: Chunk): CompletionDelta {
  const choice = chunk.choices[0];
  return {
    content: choice?.delta.content ?? "",
    finishReason: choice?.finish_reason ?? null,
    usage: chunk.usage ?? undefined,
  };
}

/** @throws AppError 502 where the text is not JSON of that shape */
function parse<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw engineBadReply(thrown);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw engineBadReply(result.error);
  return result.data;
}
