import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher as HttpDispatcher } from "undici";
import type { Task } from "../contract";
import type { Clock } from "../scheduling/clock";
import { Dispatcher } from "../scheduling/dispatcher";
import type { RequestClass } from "../scheduling/job";
import { promptPrefix } from "../scheduling/prompt-prefix";
import type { TokenCounter } from "../tokens/token-counter";
import { backoffMs, MAX_RETRIES } from "./backoff";
import type { Endpoint } from "./endpoint";
import { EndpointGroup, type Resolve } from "./endpoint-group";
import type { CallContext, EngineClient, Exchange } from "./engine-client";
import { EngineError, engineUnavailable, fromFailure, promptTooLong, type RetryReason } from "./engine-errors";
import { type ModelTarget, targetUrls } from "./model-table";
import { promptTokensOf, renderedPrompt } from "./prompt-text";
import { type ChatRequest, requestBody } from "./protocol";
import { Run } from "./run";
import type { ServedEvent } from "./served-event";

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

/** A request to a model, from whichever task. */
export interface ModelCall extends CallContext {
  readonly task: Task;
  readonly chat: ChatRequest;
  readonly class: RequestClass;
  /** @default the model itself */
  readonly adapter?: string | undefined;
  /** Tokens of the rendered prompt where the caller has counted them. @default counted here */
  readonly promptTokens?: number | undefined;
  /** Milliseconds; see `EngineClientOptions.timeoutMs`. */
  readonly timeoutMs: number;
  /** Whether `timeoutMs` is for the whole answer, not only for silence. */
  readonly whole: boolean;
}

/** An answer that has begun, and the attempt that it comes from. */
export interface Opened<T> {
  readonly answer: T;
  readonly run: Run;
  /** Name of the model or adapter that answers. */
  readonly model: string;
}

type Send<T> = (client: EngineClient, body: string, exchange: Exchange) => Promise<T>;

/** Label of a model whose name no engine has told yet. */
const NAMELESS = "default";

/**
 * One model behind one or more engines. Every request waits for its place in one queue, goes to the engine that suits it
 * best, and is sent again where that fails before the answer began.
 */
export class ServedModel {
  readonly #options: ServedModelOptions;
  readonly #group: EndpointGroup;
  readonly #dispatcher: Dispatcher<Endpoint>;
  #name: string | undefined;
  #contextTokens: number | undefined;
  #inFlight = 0;

  constructor(options: ServedModelOptions) {
    const { target, scheduler, apiKey, http, clock, timeoutMs, resolve } = options;
    this.#options = options;
    this.#name = target.model;
    this.#contextTokens = target.contextTokens;
    this.#group = new EndpointGroup({
      ...{ target, apiKey, clock, timeoutMs, resolve },
      dispatcher: http,
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

  /** Tokens that prompt and answer may take together. `undefined` where neither the table nor the engine has said. */
  get contextTokens(): number | undefined {
    return this.#contextTokens;
  }

  /** Resolves once the endpoints are known. */
  async start(): Promise<void> {
    await this.#group.start();
  }

  stop(): void {
    this.#group.stop();
  }

  /** The model's name as the engine serves it; where none is configured, an engine is asked once. */
  async name(signal: AbortSignal): Promise<string> {
    if (this.#name === undefined) await this.probe(signal);
    return this.label;
  }

  /** Asks every endpoint what it serves. @throws AppError when none answers */
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
    await this.#any((endpoint) => endpoint.smoke(name, signal, 1));
    // How long a context the engine has is worth knowing, but not all engines say.
    if (this.#contextTokens === undefined) await this.probe(signal).catch(() => {});
  }

  /**
   * Sends a request, with retries until its answer has begun.
   * @param send resolves when the answer's first step is here
   * @throws AppError 422 when the prompt is too long, and all that `EngineClient` and `Dispatcher.acquire` throw
   */
  async open<T>(call: ModelCall, send: Send<T>): Promise<Opened<T>> {
    const { adapter, signal, timeoutMs } = call;
    const startedMs = performance.now();
    const prompt = renderedPrompt(call.chat.messages);
    const promptTokens =
      call.promptTokens ?? (await promptTokensOf(prompt, call.chat.messages.length, this.#options.counter));
    this.#checkContext(call, promptTokens);
    const job = {
      class: call.class,
      promptTokens,
      prefix: promptPrefix(prompt, promptTokens, adapter),
      adapter,
      maxTokens: call.chat.maxTokens,
      timeoutMs: this.#options.scheduler.queueTimeoutMs,
      reportsFirstToken: true,
      signal,
    };
    const name = adapter ?? this.#name ?? (await this.name(signal));
    const avoid: string[] = [];
    let endsMs: number | undefined;
    let deadline: AbortSignal | undefined;
    for (let retry = 0; ; ) {
      const lease = await this.#dispatcher.acquire({ ...job, avoid });
      const { endpoint } = lease;
      const tell = endpoint.breaker.begin();
      if (tell === undefined) {
        // Half-open, and the probe is out since the place was given.
        lease.release({ failed: true });
        avoid.push(endpoint.id);
        continue;
      }
      // The engine's time begins when it is asked, not in the queue.
      endsMs ??= performance.now() + timeoutMs;
      if (call.whole) deadline ??= AbortSignal.timeout(timeoutMs);
      const run = this.#run({ call, lease, tell, startedMs, promptTokens });
      const exchange: Exchange = {
        ...{ requestId: call.requestId, traceparent: call.traceparent, signal, deadline, adapter },
        timeoutMs: Math.max(1, Math.ceil(endsMs - performance.now())),
        silenceMs: timeoutMs,
      };
      const priority = this.#options.priority ? lease.priority : undefined;
      try {
        return {
          answer: await send(endpoint.client, requestBody(name, call.chat, priority), exchange),
          run,
          model: name,
        };
      } catch (thrown) {
        const error = fromFailure(thrown, { caller: signal, deadline, timeoutMs });
        if (adapter !== undefined && error.code === "UNKNOWN_ADAPTER") endpoint.lostAdapter(adapter);
        avoid.push(endpoint.id);
        retry += 1;
        const reason = error instanceof EngineError && !signal.aborted ? error.retry : undefined;
        const waitMs = reason === undefined ? undefined : this.#waitBeforeRetry(reason, retry, avoid, endsMs);
        run.failed(error, waitMs === undefined);
        if (waitMs === undefined || reason === undefined) throw error;
        this.#options.onRetry(this.label, reason);
        if (waitMs > 0) await this.#pause(waitMs, signal, timeoutMs);
      }
    }
  }

  /** Milliseconds until the next attempt; `undefined` where there is none. */
  #waitBeforeRetry(reason: RetryReason, retry: number, avoid: readonly string[], endsMs: number): number | undefined {
    if (retry > MAX_RETRIES) return undefined;
    const another = this.endpoints.some((endpoint) => endpoint.available() && !avoid.includes(endpoint.id));
    if (another) return 0;
    // A full engine that says so is not asked again at once: its client knows when to come back.
    if (reason === "full" || this.down) return undefined;
    const waitMs = backoffMs(retry, Math.random());
    return performance.now() + waitMs < endsMs ? waitMs : undefined;
  }

  async #pause(ms: number, signal: AbortSignal, timeoutMs: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal });
    } catch (thrown) {
      throw fromFailure(thrown, { caller: signal, timeoutMs });
    }
  }

  #run(
    props: { readonly call: ModelCall } & Pick<
      ConstructorParameters<typeof Run>[0],
      "lease" | "tell" | "startedMs" | "promptTokens"
    >,
  ): Run {
    const { call, tell, ...rest } = props;
    this.#inFlight += 1;
    return new Run({
      ...rest,
      task: call.task,
      model: this.label,
      tell: (verdict) => {
        this.#inFlight -= 1;
        tell(verdict);
      },
      onServed: this.#options.onServed,
    });
  }

  /** Refuses what the engine would refuse, unless the count may be wrong: then the engine decides. */
  #checkContext({ chat }: ModelCall, promptTokens: number): void {
    if (this.#contextTokens === undefined) return;
    const limit = Math.max(1, this.#contextTokens - chat.maxTokens);
    if (promptTokens * (1 - this.#options.counter.errorShare) > limit) throw promptTooLong(promptTokens, limit);
  }

  /** Runs something on every endpoint. @throws AppError the first one's when it succeeds on none */
  async #any(run: (endpoint: Endpoint) => Promise<unknown>): Promise<void> {
    const results = await Promise.allSettled(this.endpoints.map(run));
    const failed = results.find((result) => result.status === "rejected");
    if (results.some((result) => result.status === "fulfilled")) return;
    throw failed?.reason ?? engineUnavailable(new Error("no endpoint is known"));
  }
}
