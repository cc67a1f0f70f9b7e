import type { Dispatcher } from "undici";
import type { z } from "zod";
import { SIMULATOR_FINGERPRINT } from "../../contract/endpoints";
import { type ExchangeLimits, engineBadReply, engineUnavailable, fromFailure, fromStatus } from "./engine-errors";
import { saysGone } from "./engine-refusal";
import { errorObjectText } from "./error-object";
import { readErrorText } from "./error-text";
import type { CallContext, Exchange } from "./exchange";
import { type CompletionDelta, chunkSchema, completionSchema, type ListedModel, modelListSchema } from "./protocol";
import { RawStream } from "./raw-stream";
import { SseDecoder } from "./sse-decoder";

/** An engine's streamed answer whose first step has arrived. */
export interface EngineStream {
  readonly simulated: boolean;
  readonly deltas: AsyncIterable<CompletionDelta>;
}

export interface EngineClientOptions {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** `Host` header. @default that of the URL */
  readonly host?: string | undefined;
  /** @default no `Authorization` header */
  readonly apiKey?: string | undefined;
  readonly dispatcher: Dispatcher;
}

/** Milliseconds that an engine gets to load an adapter: rank 16 of a 12B model is some 100 MB, seconds from a bucket. */
const ADAPTER_TIMEOUT_MS = 60_000;

/**
 * HTTP with one OpenAI-compatible engine. Every method throws an `AppError`: 404 no such adapter, 422 prompt too long,
 * 429 engine full, 502 unusable answer, 503 unreachable, 504 too slow, 499 when the caller's signal aborted.
 */
export class EngineClient {
  readonly #options: EngineClientOptions;
  readonly #origin: string;
  readonly #path: string;

  constructor(options: EngineClientOptions) {
    this.#options = options;
    const { origin, pathname } = new URL(options.baseUrl);
    this.#origin = origin;
    this.#path = pathname;
  }

  /** A streamed answer; resolves when its first step is here, so that a failure before it can still be put right. */
  async openStream(body: string, exchange: Exchange): Promise<EngineStream> {
    const { signal: caller, deadline, silenceMs: timeoutMs } = exchange;
    const limits = { caller, deadline, timeoutMs };
    try {
      const response = await this.#send("POST", "/chat/completions", body, exchange);
      // Asked for a stream, some engines still answer whole.
      if (/^application\/json/.test(String(response.headers["content-type"]))) return whole(await response.body.text());
      const chunks = decodeChunks(response.body);
      const first = await chunks.next();
      if (first.done) throw engineBadReply(new Error("the stream ended before its first event"));
      const simulated = first.value.system_fingerprint === SIMULATOR_FINGERPRINT;
      return { simulated, deltas: deltas(first.value, chunks, limits) };
    } catch (thrown) {
      throw fromFailure(thrown, limits);
    }
  }

  /** A streamed answer as bytes; resolves when its first event is here. For answers that are only passed on. */
  openRaw(body: string, exchange: Exchange): Promise<RawStream> {
    const stream = new RawStream(exchange);
    this.#options.dispatcher.dispatch(this.#request("POST", "/chat/completions", body, exchange), stream);
    return stream.opened;
  }

  /** What the engine serves, at least one model. */
  async listModels(context: CallContext, timeoutMs: number): Promise<readonly ListedModel[]> {
    return parse(modelListSchema, await this.#text("GET", "/models", undefined, context, timeoutMs)).data;
  }

  /**
   * Has the engine load a LoRA adapter.
   * @param path where its files are, as the engine sees it
   */
  async loadAdapter(name: string, path: string, context: CallContext): Promise<void> {
    const body = JSON.stringify({ lora_name: name, lora_path: path });
    await this.#text("POST", "/load_lora_adapter", body, context, ADAPTER_TIMEOUT_MS);
  }

  async unloadAdapter(name: string, context: CallContext): Promise<void> {
    const body = JSON.stringify({ lora_name: name });
    await this.#text("POST", "/unload_lora_adapter", body, context, ADAPTER_TIMEOUT_MS);
  }

  /** A whole short answer within a time. */
  async #text(
    method: "GET" | "POST",
    path: string,
    body: string | undefined,
    context: CallContext,
    timeoutMs: number,
  ): Promise<string> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const exchange = { ...context, timeoutMs, silenceMs: timeoutMs, deadline };
    try {
      return await (await this.#send(method, path, body, exchange)).body.text();
    } catch (thrown) {
      throw fromFailure(thrown, { caller: context.signal, deadline, timeoutMs });
    }
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body: string | undefined,
    exchange: Exchange,
  ): Promise<Dispatcher.ResponseData> {
    const { signal: caller, deadline, adapter, maxTokens, promptTokens, silenceMs: timeoutMs } = exchange;
    const signal = deadline === undefined ? caller : AbortSignal.any([caller, deadline]);
    const response = await this.#options.dispatcher.request({ ...this.#request(method, path, body, exchange), signal });
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const retryAfter = response.headers["retry-after"];
    throw fromStatus({
      status: response.statusCode,
      body: await readErrorText(response.body),
      retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
      timeoutMs,
      adapter,
      maxTokens,
      promptTokens,
    });
  }

  #request(method: "GET" | "POST", path: string, body: string | undefined, exchange: Exchange) {
    const { apiKey, host } = this.#options;
    const { requestId, traceparent, timeoutMs, silenceMs } = exchange;
    const headers: Record<string, string> = {
      accept: "application/json, text/event-stream",
      "x-request-id": requestId,
    };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (apiKey !== undefined) headers.authorization = `Bearer ${apiKey}`;
    if (traceparent !== undefined) headers.traceparent = traceparent;
    if (host !== undefined) headers.host = host;
    return {
      origin: this.#origin,
      path: this.#path + path,
      method,
      headers,
      body: body ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: silenceMs,
    };
  }
}

type Chunk = z.output<typeof chunkSchema>;

/** Chunks up to `[DONE]`. A stream that just ends was cut off: an error, not a short answer. */
async function* decodeChunks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk> {
  const decoder = new SseDecoder();
  let complete = false;
  // Read to the end of the body even after [DONE], so that the connection can be used again.
  for await (const part of bytes) {
    for (const data of eventsOf(decoder, part)) {
      if (data === "[DONE]") complete = true;
      else if (!complete) yield parseChunk(data);
    }
  }
  if (!complete) throw engineBadReply(new Error("the stream ended without [DONE]"));
}

/** @throws AppError 503 where the engine says that it has died, 502 at anything else but a chunk */
function parseChunk(data: string): Chunk {
  try {
    return parse(chunkSchema, data);
  } catch (thrown) {
    throw saysGone(data) ? engineUnavailable(thrown, "500") : thrown;
  }
}

/** @throws AppError 502 at an event without end */
function eventsOf(decoder: SseDecoder, bytes: Uint8Array): string[] {
  try {
    return decoder.push(bytes);
  } catch (thrown) {
    throw engineBadReply(thrown);
  }
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
  const choice = chunk.choices?.[0];
  return {
    content: choice?.delta?.content ?? "",
    finishReason: choice?.finish_reason ?? null,
    usage: chunk.usage ?? undefined,
  };
}

/** A whole answer as a stream of one step. */
function whole(text: string): EngineStream {
  const reply = parse(completionSchema, text);
  const [{ message, finish_reason: finishReason }] = reply.choices;
  const delta = {
    content: message.content,
    finishReason: finishReason ?? null,
    usage: reply.usage ?? undefined,
  };
  async function* one(): AsyncGenerator<CompletionDelta> {
    yield delta;
  }
  return { simulated: reply.system_fingerprint === SIMULATOR_FINGERPRINT, deltas: one() };
}

/** @throws AppError 502 where the text is not JSON of that shape */
function parse<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw engineBadReply(thrown);
  }
  const error = errorObjectText(value);
  if (error !== undefined) throw engineBadReply(new Error(`an error with status 200: ${error.slice(0, 500)}`));
  const result = schema.safeParse(value);
  if (!result.success) throw engineBadReply(result.error);
  return result.data;
}
