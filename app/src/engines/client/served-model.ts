import type { Dispatcher as HttpDispatcher } from "undici";
import { type ModelTarget, targetUrls } from "../../config/model-table";
import type { Clock } from "../../shared/clock";
import type { AppError } from "../../shared/errors/app-error";
import type { TokenCounter } from "../../shared/tokens/token-counter";
import { Dispatcher } from "../scheduling/dispatcher";
import type { Job, RequestClass } from "../scheduling/job";
import type { Lease } from "../scheduling/lease";
import type { AdapterKeeper } from "./adapter-keeper";
import { Attempts } from "./attempts";
import { messagesFor } from "./chat-messages";
import type { Endpoint } from "./endpoint";
import { engineBusy, engineUnavailable, type RetryReason } from "./engine-errors";
import { holdAdapter } from "./hold-adapter";
import { jobOf, mostTokens } from "./job-of-call";
import { namesInPlaceOf } from "./listed-names";
import type { ModelCall, OpenedAnswer, Send } from "./model-call";
import { ModelEndpoints, type Resolve } from "./model-endpoints";
import { requestBody } from "./protocol";
import { Run, type RunProps } from "./run";
import type { ServedEvent } from "./served-event";
import { ServedFamily } from "./served-family";

/** How requests wait for a place, see `DispatcherOptions`. */
export interface SchedulerSettings {
  readonly policy: "prefill" | "fifo";
  readonly agingTokensPerSecond: number;
  readonly maxQueue: number;
  /** Milliseconds that a request may wait for a place. */
  readonly queueTimeoutMs: number;
}

export interface ServedModelOptions {
  readonly target: ModelTarget;
  readonly scheduler: SchedulerSettings;
  readonly apiKey?: string | undefined;
  /** Milliseconds for the whole of a short answer outside the queue. */
  readonly timeoutMs: number;
  /** Whether the engines schedule by `priority`. */
  readonly priority: boolean;
  readonly counter: TokenCounter;
  readonly http: HttpDispatcher;
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly onServed: (event: ServedEvent) => void;
  readonly onRetry: (model: string, reason: RetryReason) => void;
  readonly onWait: (model: string, requestClass: RequestClass, waitedMs: number) => void;
}

/** Label of a model whose name no engine has listed yet. */
const NAMELESS = "default";

/**
 * One model behind one or more engines. Every request waits for its place in one queue, goes to the engine that suits
 * it best, and is sent again where that fails before the answer began.
 */
export class ServedModel {
  readonly #options: ServedModelOptions;
  /** Of the model, see `ServedFamily`. */
  readonly family = new ServedFamily(() => this.label);
  readonly #group: ModelEndpoints;
  readonly #dispatcher: Dispatcher<Endpoint>;
  #name: string | undefined;
  #contextTokens: number | undefined;
  #inFlight = 0;
  #insteadListed: readonly string[] | undefined;
  #keeper: AdapterKeeper | undefined;

  constructor(options: ServedModelOptions) {
    const { target, scheduler, apiKey, http, clock, timeoutMs, resolve } = options;
    this.#options = options;
    this.#name = target.model;
    this.#contextTokens = target.contextTokens;
    this.#group = new ModelEndpoints({
      target,
      apiKey,
      clock,
      timeoutMs,
      resolve,
      dispatcher: http,
      family: this.family,
      onChange: () => this.#dispatcher.wake(),
    });
    this.#dispatcher = new Dispatcher<Endpoint>({
      policy: scheduler.policy,
      agingTokensPerSecond: scheduler.agingTokensPerSecond,
      maxQueue: scheduler.maxQueue,
      clock,
      endpoints: () => this.#group.endpoints,
      onWait: (requestClass, waitedMs) => options.onWait(this.label, requestClass, waitedMs),
    });
  }

  /** The configured name, or `default` until {@link name} has learnt it. Bounded, so fit for a metric label. */
  get label(): string {
    return this.#name ?? NAMELESS;
  }

  /** The first URL that the table names. */
  get baseUrl(): string {
    return targetUrls(this.#options.target)[0] ?? "";
  }

  get endpoints(): readonly Endpoint[] {
    return this.#group.endpoints;
  }

  /** Requests at the engines, on endpoints that have since gone too. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Places at all endpoints together. */
  get slots(): number {
    return this.endpoints.reduce((sum, endpoint) => sum + endpoint.slots, 0);
  }

  /** Requests in the queue. */
  get waiting(): number {
    return this.#dispatcher.waiting;
  }

  /** Whether no endpoint takes requests. */
  get down(): boolean {
    return !this.endpoints.some((endpoint) => endpoint.available());
  }

  /** Names that the engines list in place of the configured one, which they refused. `undefined`: they serve it, as far as is known */
  get insteadListed(): readonly string[] | undefined {
    return this.#insteadListed;
  }

  /** Tokens that prompt and answer may take together. `undefined` where neither the table nor the engine gives it. */
  get contextTokens(): number | undefined {
    return this.#contextTokens;
  }

  /**
   * From now on, calls under an adapter hold it on the endpoint that they got. @default adapters are taken to be there
   */
  keepAdapters(keeper: AdapterKeeper): void {
    this.#keeper = keeper;
  }

  /** Resolves once the endpoints are resolved. */
  async start(): Promise<void> {
    await this.#group.start();
  }

  stop(): void {
    this.#group.stop();
  }

  /** The model's name as the engine serves it; where none is configured, it is read from an engine once. */
  async name(signal: AbortSignal): Promise<string> {
    if (this.#name === undefined) await this.probe(signal);
    return this.label;
  }

  /** Lists what every endpoint serves. @throws AppError when none answers */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#any(async (endpoint) => {
      const models = await endpoint.list(signal);
      const own = models.find((model) => model.id === this.#name) ?? models[0];
      this.#name ??= own?.id;
      this.#contextTokens ??= own?.max_model_len ?? undefined;
    });
  }

  /** Generates one real token on every endpoint: weights loaded, kernels compiled. @throws AppError when none can */
  async warmUp(signal: AbortSignal): Promise<void> {
    const name = await this.name(signal);
    try {
      await this.#any((endpoint) => this.family.warmUp(endpoint, name, signal));
    } catch (refusal) {
      this.#insteadListed = await namesInPlaceOf(name, { refusal, endpoints: this.endpoints, signal });
      throw refusal;
    }
    this.#insteadListed = undefined;
    // Not every engine lists its context length, so a failure is no reason to stop.
    if (this.#contextTokens === undefined) await this.probe(signal).catch(() => {});
  }

  /**
   * Sends a request, with retries until its answer has begun.
   * @param send resolves when the answer's first step is here
   * @throws AppError 422 when the prompt is too long, 499 when the client left, and all that `EngineClient` and
   *   `Dispatcher.acquire` throw
   */
  async open<T>(call: ModelCall, send: Send<T>): Promise<OpenedAnswer<T>> {
    const startedMs = performance.now();
    const attempts = new Attempts(call);
    const { counter, scheduler } = this.#options;
    const contextTokens = this.#contextTokens;
    const job = await jobOf(call, { counter, contextTokens, queueTimeoutMs: scheduler.queueTimeoutMs });
    const model = this.#name ?? (await this.name(call.signal));
    const mostPromptTokens = mostTokens(job.promptTokens, counter);
    for (;;) {
      const lease = await this.#place({ ...job, avoid: attempts.avoid }, attempts);
      const { endpoint } = lease;
      const guarded = endpoint.breaker.begin();
      if (guarded === undefined) {
        // Half-open, and the probe has gone since the place was given.
        lease.release({ failed: true });
        attempts.skip(endpoint);
        continue;
      }
      const run = this.#run({ task: call.task, lease, guarded, startedMs, promptTokens: job.promptTokens });
      try {
        const chat = { ...call.chat, messages: messagesFor(this.family, call.chat.messages) };
        const body = requestBody(call.adapter ?? model, chat, this.#options.priority ? lease.priority : undefined);
        const holding = { keeper: this.#keeper, endpoint, adapter: call.adapter, signal: call.signal };
        const held = await holdAdapter(holding, () => send(endpoint.client, body, attempts.exchange(mostPromptTokens)));
        run.onOver(held.letGo);
        return { answer: held.answer, run, model };
      } catch (thrown) {
        await this.#retryOrThrow(attempts.error(thrown), attempts, run, endpoint, call);
      }
    }
  }

  /** Settles a failed attempt. @throws AppError where it was the last one */
  async #retryOrThrow(
    error: AppError,
    attempts: Attempts,
    run: Run,
    endpoint: Endpoint,
    { adapter }: ModelCall,
  ): Promise<void> {
    if (adapter !== undefined && error.code === "UNKNOWN_ADAPTER") endpoint.lostAdapter(adapter);
    // The circuit first: whether the endpoint may be tried again depends on it.
    run.learn(error);
    const retry = attempts.retry(error, endpoint, this.endpoints);
    run.failed(error, retry === undefined);
    if (retry === undefined) throw this.#withRetryAfter(error);
    this.#options.onRetry(this.label, retry.reason);
    await attempts.pause(retry);
  }

  /** vLLM's refusal of a full engine has no `Retry-After`: the queue's measurements give one. */
  #withRetryAfter(error: AppError): AppError {
    if (error.code !== "ENGINE_BUSY" || error.retryAfterSeconds !== undefined) return error;
    return engineBusy(error.cause, this.#dispatcher.retryAfterFullSeconds());
  }

  async #place(job: Job, attempts: Attempts): Promise<Lease<Endpoint>> {
    try {
      return await this.#dispatcher.acquire(job);
    } catch (thrown) {
      throw attempts.error(thrown);
    }
  }

  #run(props: Omit<RunProps, "model" | "onServed">): Run {
    this.#inFlight += 1;
    return new Run({
      ...props,
      model: this.label,
      guarded: {
        begun: () => props.guarded.begun(),
        ended: (verdict) => {
          this.#inFlight -= 1;
          props.guarded.ended(verdict);
        },
      },
      onServed: this.#options.onServed,
    });
  }

  /** Runs something on every endpoint. @throws AppError the first one's when it succeeds on none */
  async #any(run: (endpoint: Endpoint) => Promise<unknown>): Promise<void> {
    const results = await Promise.allSettled(this.endpoints.map(run));
    const failed = results.find((result) => result.status === "rejected");
    if (results.some((result) => result.status === "fulfilled")) return;
    throw failed?.reason ?? engineUnavailable(new Error("no endpoint is known"));
  }
}
