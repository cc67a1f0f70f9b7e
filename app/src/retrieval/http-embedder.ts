import { setTimeout as delay } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { normalize } from "../shared/vector";
import type { Embedder, EmbeddingKind } from "./embedder";
import { storeUnavailable } from "./store-errors";

/** Texts of one request. text-embeddings-inference's own limit (`--max-client-batch-size`), in the range of R-82. */
const BATCH = 32;
/** Milliseconds for one request: 32 texts of 512 tokens take a CPU about 3 s. */
const TIMEOUT_MS = 10_000;
/** Tries of one request. Source: R-32. */
const TRIES = 3;
/** Milliseconds before the second try; doubled before the third. Each with up to as much again by chance. */
const FIRST_PAUSE_MS = 100;
/** Bytes: 128 vectors of 4,096 components as text are 6 MB. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()).min(1) })),
});
const modelsSchema = z.object({ data: z.tuple([z.object({ id: z.string().min(1) })]).rest(z.unknown()) });

export interface HttpEmbedderOptions {
  /** OpenAI-compatible base URL, ending in `/v1`: text-embeddings-inference, vLLM, Ollama. */
  readonly baseUrl: string;
  /** @default the first that `/models` lists */
  readonly model?: string | undefined;
  /** @default no `Authorization` header */
  readonly apiKey?: string | undefined;
  /** Milliseconds for a request. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

/** A client of an OpenAI-compatible `/v1/embeddings`. Dimension and, where none is configured, model are read once. */
export class HttpEmbedder implements Embedder {
  readonly id: string;
  readonly dim: number;
  readonly #client: EmbeddingsClient;
  readonly #prefixes: Readonly<Record<EmbeddingKind, string>>;

  private constructor(client: EmbeddingsClient, id: string, dim: number) {
    this.id = id;
    this.dim = dim;
    this.#client = client;
    this.#prefixes = prefixesOf(id);
  }

  /** @throws AppError STORE_UNAVAILABLE when the server does not answer */
  static async connect(options: HttpEmbedderOptions, signal?: AbortSignal): Promise<HttpEmbedder> {
    const client = new EmbeddingsClient(options);
    const model = options.model ?? (await client.firstModel(signal));
    const [probe] = await client.embeddings(model, ["probe"], signal);
    if (probe === undefined) throw storeUnavailable(STORE, new Error("no vector for one text"));
    return new HttpEmbedder(client, model, probe.length);
  }

  async embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<readonly Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      // vLLM refuses an empty input, and a space means as little.
      const batch = texts.slice(start, start + BATCH).map((text) => this.#prefixes[kind] + (text.trim() || " "));
      for (const vector of await this.#client.embeddings(this.id, batch, signal)) {
        if (vector.length !== this.dim) {
          throw storeUnavailable(STORE, new Error(`${vector.length} components in place of ${this.dim}`));
        }
        vectors.push(normalize(vector));
      }
    }
    return vectors;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** The client's word for it. */
const STORE = "The embedding model";

/** E5 models are trained on prefixed texts. https://huggingface.co/intfloat/multilingual-e5-small */
function prefixesOf(model: string): Readonly<Record<EmbeddingKind, string>> {
  return /\be5-|\/e5\b/i.test(model) ? { query: "query: ", passage: "passage: " } : { query: "", passage: "" };
}

/** Requests to the server, each retried where that can help. */
class EmbeddingsClient {
  readonly #options: HttpEmbedderOptions;
  readonly #agent = new Agent({ maxResponseSize: MAX_RESPONSE_BYTES });

  constructor(options: HttpEmbedderOptions) {
    this.#options = options;
  }

  async firstModel(signal?: AbortSignal): Promise<string> {
    return modelsSchema.parse(await this.#request("GET", "/models", undefined, signal)).data[0].id;
  }

  async embeddings(model: string, input: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const body = JSON.stringify({ model, input, encoding_format: "float" });
    const {
      success,
      data: reply,
      error,
    } = embeddingsSchema.safeParse(await this.#request("POST", "/embeddings", body, signal));
    if (!success) throw storeUnavailable(STORE, error);
    const byIndex = new Map(reply.data.map(({ index, embedding }) => [index, Float32Array.from(embedding)]));
    return input.map((_text, index) => {
      const vector = byIndex.get(index);
      if (vector === undefined) throw storeUnavailable(STORE, new Error(`no vector for text ${index}`));
      return vector;
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #request(
    method: "GET" | "POST",
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#send(method, path, body, signal);
      } catch (thrown) {
        signal?.throwIfAborted();
        if (attempt === TRIES || thrown instanceof Refusal) throw storeUnavailable(STORE, thrown);
        const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
        await delay(pauseMs * (1 + Math.random()), undefined, { ...(signal && { signal }) });
      }
    }
  }

  async #send(method: "GET" | "POST", path: string, body: string | undefined, signal?: AbortSignal) {
    const { baseUrl, apiKey, timeoutMs = TIMEOUT_MS } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const options: Omit<Dispatcher.RequestOptions, "origin" | "path"> & { dispatcher: Dispatcher } = {
      method,
      dispatcher: this.#agent,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      ...(body !== undefined && { body }),
    };
    const response = await request(baseUrl + path, options);
    if (response.statusCode === 200) return response.body.json();
    const said = (await response.body.text()).slice(0, 500);
    const failure = `${method} ${path} answered ${response.statusCode}: ${said}`;
    throw response.statusCode === 429 || response.statusCode >= 500 ? new Error(failure) : new Refusal(failure);
  }
}

/** A request that the server will refuse again. */
class Refusal extends Error {}
