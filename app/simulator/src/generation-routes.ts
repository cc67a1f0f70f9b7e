import type { ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";
import { SIMULATOR_FINGERPRINT } from "../../src/contract/endpoints";
import { checkRoles } from "./chat-template";
import { type AnswerOptions, CHAT_SHAPE, type Shape, StreamedAnswer, TEXT_SHAPE, wholeAnswer } from "./completions";
import { EMBEDDING_DIMENSIONS, embed, embeddingTokens, toBase64 } from "./embedding";
import type { EngineState } from "./engine-state";
import type { RequestFault } from "./faults";
import { type Plan, planChat, planCompletion } from "./generation";
import { type Handler, type HttpExchange, readJson, sendJson, sendText } from "./http";
import type { SimulatorSettings } from "./options";
import { BODIES, type EmbeddingBody, readBody, readSampling, type Sampling } from "./requests";
import type { Sequence } from "./sequence";
import { fromTokens } from "./tokenizer";
import {
  badRequest,
  engineDead,
  engineDraining,
  tooManyRequests,
  tooManyTokens,
  unknownModel,
  VllmError,
} from "./vllm-error";

/** A body read and answered; only the time that it takes is still to come. */
interface Prepared {
  readonly plan: Plan;
  readonly sampling: Sampling;
  readonly model: string;
  readonly adapter: string | undefined;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
}

/** Bodies whose answers are kept: those of a load generator, which sends the same few again and again. */
const KEPT_ANSWERS = 256;
/** Characters of the longest body that is kept. */
const KEPT_LENGTH = 64 * 1024;

/** The routes that generate: `/v1/chat/completions`, `/v1/completions` and `/v1/embeddings`. */
export class GenerationRoutes {
  readonly #settings: SimulatorSettings;
  readonly #engine: EngineState;
  readonly #prepared = new LRUCache<string, Prepared>({ max: KEPT_ANSWERS });

  constructor(settings: SimulatorSettings, engine: EngineState) {
    this.#settings = settings;
    this.#engine = engine;
  }

  get handlers(): readonly (readonly [string, Handler])[] {
    return [
      ["POST /v1/chat/completions", (exchange) => this.#complete(exchange, CHAT_SHAPE)],
      ["POST /v1/completions", (exchange) => this.#complete(exchange, TEXT_SHAPE)],
      ["POST /v1/embeddings", (exchange) => this.#embed(exchange)],
    ];
  }

  /** Forgets the answers that were worked out. */
  forget(): void {
    this.#prepared.clear();
  }

  #complete(exchange: HttpExchange, shape: Shape): void {
    const prepared = this.#prepare(exchange, shape);
    const fault = this.#begin(exchange.response);
    if (fault === "answered") return;
    this.#checkAdmission();
    const { plan, adapter, sampling, stream } = prepared;
    const { response } = exchange;
    let sequence: Sequence | undefined;
    const options: AnswerOptions = {
      ...exchange,
      ...prepared,
      shape,
      fault,
      promptTokensDetails: this.#settings.enablePromptTokensDetails,
      cachedTokens: () => sequence?.cachedTokens ?? 0,
    };
    const listener = stream ? new StreamedAnswer(options) : wholeAnswer(options);
    const { gpu } = this.#engine;
    sequence = gpu.add(
      {
        prompt: plan.prompt,
        answerTokens: plan.tokens.length,
        endReason: plan.finishReason,
        maxTokens: plan.maxTokens,
        priority: sampling.priority,
        adapter,
      },
      listener,
    );
    const added = sequence;
    response.once("close", () => gpu.abort(added));
    gpu.run();
  }

  #prepare(exchange: HttpExchange, shape: Shape): Prepared {
    const key = `${shape.idPrefix}\n${exchange.body}`;
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const prepared = this.#read(exchange, shape);
    if (exchange.body.length <= KEPT_LENGTH) this.#prepared.set(key, prepared);
    return prepared;
  }

  #read(exchange: HttpExchange, shape: Shape): Prepared {
    const json = readJson(exchange);
    const body = shape === CHAT_SHAPE ? readBody(BODIES.chat, json) : readBody(BODIES.completion, json);
    const sampling = readSampling(body);
    const { model = this.#settings.servedModelName, stream_options: options } = body;
    const name = model ?? this.#settings.servedModelName;
    const adapter = this.#adapterOf(name);
    if ("messages" in body) checkRoles(this.#settings.model, body.messages);
    const planOptions = { adapter, maxModelLen: this.#settings.maxModelLen };
    const plan =
      "messages" in body ? planChat(body, sampling, planOptions) : planCompletion(body, sampling, planOptions);
    return {
      plan,
      sampling,
      adapter,
      model: name,
      stream: body.stream ?? false,
      includeUsage: options?.include_usage ?? options != null,
      continuousUsage: options?.continuous_usage_stats ?? false,
    };
  }

  /** @throws VllmError 404 for a name that neither the model nor an adapter has */
  #adapterOf(name: string): string | undefined {
    if (this.#settings.servedModelNames.includes(name)) return undefined;
    if (this.#engine.adapters.has(name)) return name;
    throw unknownModel(name, this.#settings.servedModelNames);
  }

  /** Counts the request in, and lets the fault that waits for it happen. */
  #begin(response: ServerResponse): RequestFault | "answered" | undefined {
    const engine = this.#engine;
    if (engine.isDead) throw engineDead();
    if (engine.isDraining) throw engineDraining();
    engine.track(response);
    const fault = engine.faults.nextRequest();
    if (fault?.kind === "hang") return "answered";
    if (fault?.kind !== "status") return fault;
    const { status, retryAfterSeconds: seconds } = fault;
    const headers = seconds === undefined ? undefined : { "retry-after": String(seconds) };
    throw new VllmError(status, "InternalServerError", "Injected fault.", null, headers);
  }

  #checkAdmission(): void {
    const { gpu } = this.#engine;
    const { maxNumQueuedReqs, maxNumQueuedTokens } = this.#settings;
    if (gpu.running.length + gpu.waiting.length >= maxNumQueuedReqs) throw tooManyRequests();
    if (Number.isFinite(maxNumQueuedTokens) && gpu.unreadPromptTokens >= maxNumQueuedTokens) {
      throw tooManyTokens();
    }
  }

  #embed(exchange: HttpExchange): void {
    const body = readBody(BODIES.embedding, readJson(exchange));
    const model = body.model ?? this.#settings.servedModelName;
    this.#adapterOf(model);
    const texts = textsOf(body.input);
    if (texts.length === 0) throw badRequest("The input is empty.", "input");
    const dimensions = body.dimensions ?? EMBEDDING_DIMENSIONS;
    if (dimensions < 1 || dimensions > EMBEDDING_DIMENSIONS) {
      throw badRequest(`dimensions must be 1 to ${EMBEDDING_DIMENSIONS}, got ${dimensions}.`, "dimensions");
    }
    const { response } = exchange;
    const fault = this.#begin(response);
    if (fault === "answered") return;
    if (fault !== undefined) {
      if (fault.kind === "cut") response.destroy();
      else sendText(response, '{"data": [{"embe', "application/json");
      return;
    }
    const tokens = texts.reduce((sum, text) => sum + embeddingTokens(text), 0);
    sendJson(response, {
      id: `embd-${SIMULATOR_FINGERPRINT}-${Date.now().toString(36)}`,
      object: "list",
      created: Math.floor(Date.now() / 1_000),
      model,
      data: texts.map((text, index) => {
        const vector = embed(text, dimensions);
        return { index, object: "embedding", embedding: body.encoding_format === "base64" ? toBase64(vector) : vector };
      }),
      usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, prompt_tokens_details: null },
    });
  }
}

function textsOf(input: EmbeddingBody["input"]): string[] {
  if (typeof input === "string") return [input];
  const ids = input.flatMap((item) => (typeof item === "number" ? item : []));
  if (ids.length > 0) return [fromTokens(ids)];
  return input.flatMap((item) => (typeof item === "string" ? item : Array.isArray(item) ? fromTokens(item) : []));
}
