import type { Dispatcher } from "undici";
import type { Clock } from "../../shared/clock";
import type { DispatchEndpoint } from "../scheduling/dispatch-endpoint";
import { messagesFor } from "./chat-messages";
import { CircuitBreaker, type CircuitState } from "./circuit-breaker";
import { EngineClient } from "./engine-client";
import type { CallContext, Exchange } from "./exchange";
import type { ModelFamily } from "./model-family";
import { type ChatMessage, type ListedModel, requestBody } from "./protocol";

export interface EndpointOptions {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** `Host` header. @default that of the URL */
  readonly host?: string | undefined;
  /** Most requests in flight there from this gateway. */
  readonly slots: number;
  readonly apiKey?: string | undefined;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** Milliseconds of a short answer outside the queue. */
  readonly timeoutMs: number;
  /** Called when it may take requests again, or no longer. */
  readonly onChange: () => void;
  /** Family of the model. */
  readonly family: ModelFamily;
}

/** A request of the form that every task sends, so that a warm-up shows what a chat template refuses. */
const PING: readonly ChatMessage[] = [
  { role: "system", content: "Answer with one word." },
  { role: "user", content: "ping" },
];

/** Milliseconds for a look at what an engine serves, the 2 s of every health check. */
const LIST_TIMEOUT_MS = 2_000;
/** Tokens of an adapter's trial answer: enough that broken weights show as an empty text. */
const SMOKE_TOKENS = 8;

/** One engine that serves a model. */
export class Endpoint implements DispatchEndpoint {
  /** Host and port, and the path where it is not `/v1`. Fit for a label: there are few, and none is a secret. */
  readonly id: string;
  readonly baseUrl: string;
  readonly slots: number;
  readonly client: EngineClient;
  readonly breaker: CircuitBreaker;
  readonly #timeoutMs: number;
  readonly #family: ModelFamily;
  readonly #adapters = new Set<string>();

  constructor(options: EndpointOptions) {
    const { baseUrl, host, slots, apiKey, dispatcher, clock, onChange } = options;
    const url = new URL(baseUrl);
    this.id = url.pathname === "/v1" ? url.host : url.host + url.pathname;
    this.baseUrl = baseUrl;
    this.slots = slots;
    this.client = new EngineClient({ baseUrl, host, apiKey, dispatcher });
    this.breaker = new CircuitBreaker({ clock, onChange });
    this.#timeoutMs = options.timeoutMs;
    this.#family = options.family;
  }

  get state(): CircuitState {
    return this.breaker.state;
  }

  available(): boolean {
    return this.breaker.available;
  }

  hasAdapter(name: string): boolean {
    return this.#adapters.has(name);
  }

  /** Has the engine load a LoRA adapter; `path` is as the engine sees it. @throws AppError when it refuses */
  async loadAdapter(name: string, path: string, signal: AbortSignal): Promise<void> {
    await this.client.loadAdapter(name, path, { requestId: `load-${name}`, signal });
    this.#adapters.add(name);
  }

  /** @throws AppError when the engine refuses */
  async unloadAdapter(name: string, signal: AbortSignal): Promise<void> {
    this.#adapters.delete(name);
    await this.client.unloadAdapter(name, { requestId: `unload-${name}`, signal });
  }

  /** The engine answered 404 for the adapter: it was restarted. */
  lostAdapter(name: string): void {
    this.#adapters.delete(name);
  }

  /** Names of the model and of the adapters that the engine has. */
  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.list(signal)).map((model) => model.id);
  }

  /** The same with the engine's details of each. */
  async list(signal: AbortSignal): Promise<readonly ListedModel[]> {
    const models = await this.client.listModels({ requestId: "list-models", signal }, LIST_TIMEOUT_MS);
    this.#adapters.clear();
    for (const { id, parent } of models) if (parent) this.#adapters.add(id);
    return models;
  }

  /**
   * One short answer of an adapter, past the queue and the circuit breaker, which it closes.
   * @returns its text
   * @throws AppError 404 UNKNOWN_ADAPTER when the engine does not have the adapter
   */
  async smoke(adapter: string, signal: AbortSignal): Promise<string> {
    return this.#generate(adapter, SMOKE_TOKENS, { requestId: `smoke-${adapter}`, signal, adapter });
  }

  /** One token of the model, past the queue and the circuit breaker, which it closes. */
  async warmUp(model: string, signal: AbortSignal): Promise<void> {
    await this.#generate(model, 1, { requestId: `smoke-${model}`, signal });
  }

  async #generate(name: string, maxTokens: number, context: CallContext & Pick<Exchange, "adapter">): Promise<string> {
    const chat = { messages: messagesFor(this.#family, PING), maxTokens, temperature: 0 };
    const timeoutMs = this.#timeoutMs;
    const exchange = { ...context, timeoutMs, silenceMs: timeoutMs, deadline: AbortSignal.timeout(timeoutMs) };
    const { deltas } = await this.client.openStream(requestBody(name, chat, undefined), exchange);
    let text = "";
    for await (const delta of deltas) text += delta.content;
    this.breaker.recovered();
    return text;
  }
}
