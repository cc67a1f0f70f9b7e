import type { Clock } from "../../shared/clock";
import { AppError } from "../../shared/errors/app-error";
import type { DispatchEndpoint } from "./dispatch-endpoint";
import { type Backlog, Capacity } from "./endpoint-capacity";
import { type Candidate, isOpen, type Placement, place } from "./endpoint-placement";
import { EndpointStates } from "./endpoint-states";
import type { Job, RequestClass } from "./job";
import type { Lease } from "./lease";
import { FIFO, type Order, prefillOrder } from "./order";
import { PlacedLease } from "./placed-lease";
import { QueuedJob } from "./queued-job";
import { BATCH_PATIENCE_MS, isPatient, WaitingQueue } from "./waiting-queue";

/**
 * A quarter of what vLLM reads in one step on an L4 (2,048, its default `--max-num-batched-tokens` there): short
 * prompts still share a step, and a long one is read alone. `npm run bench:scheduler -- --sweep` compares other values.
 */
const PREFILL_WINDOW_TOKENS = 512;

/** Longest prompt that an interactive job may have and still be ahead of batch in the engine's queue. */
const LONGEST_PROMPT_TOKENS = 8_192;

/** Seconds after which a model without an endpoint is worth asking again: the load balancer's health check interval. */
const UNAVAILABLE_RETRY_SECONDS = 5;

export interface DispatcherOptions<E extends DispatchEndpoint> {
  /** `prefill`: by uncached prefill tokens with ageing, in classes. `fifo`: by arrival, without classes. */
  readonly policy: "prefill" | "fifo";
  /** Uncached prefill tokens that a second of waiting is worth. */
  readonly agingTokensPerSecond: number;
  /** Jobs that may wait. */
  readonly maxQueue: number;
  /** Most of the places, and of the queue, that batch jobs may have, from 0 to 1; always at least one. @default 0.7 */
  readonly batchShare?: number | undefined;
  /**
   * Uncached prompt tokens that an endpoint has yet to read from which no further prompt is sent there. An engine reads
   * one prompt after the other however many it has, and those it has can no longer be overtaken.
   * @default 512
   */
  readonly prefillWindowTokens?: number | undefined;
  /** Tokens that an endpoint's prefix cache holds. @default 26624: Gemma 3 12B on one L4 */
  readonly prefixCacheTokens?: number | undefined;
  readonly clock: Clock;
  /** The endpoints there are now, available or not. Cheap. */
  readonly endpoints: () => readonly E[];
  /** Called with each job's wait once it has a place, in milliseconds. @default not called */
  readonly onWait?: (requestClass: RequestClass, waitedMs: number) => void;
  /** Another order than the policy's, to compare with. @default the policy's */
  readonly order?: Order | undefined;
}

/**
 * Gives the places of one model's endpoints to waiting jobs: which job next, and where. docs/scheduling.md describes
 * the algorithm and proves its bound on a job's wait.
 */
export class Dispatcher<E extends DispatchEndpoint> {
  readonly #options: DispatcherOptions<E>;
  readonly #clock: Clock;
  readonly #order: Order;
  readonly #queue: WaitingQueue<QueuedJob<E>>;
  readonly #capacity = new Capacity();
  readonly #endpoints: EndpointStates<E>;
  readonly #batchShare: number;
  readonly #windowTokens: number;
  /** What sets a batch job apart from interactive ones in the engine's queue, in tokens. */
  readonly #apartTokens: number;
  #batchInFlight = 0;
  #sequence = 0;

  constructor(options: DispatcherOptions<E>) {
    this.#options = options;
    this.#clock = options.clock;
    this.#batchShare = options.batchShare ?? 0.7;
    this.#windowTokens = options.prefillWindowTokens ?? PREFILL_WINDOW_TOKENS;
    this.#order = options.order ?? (options.policy === "fifo" ? FIFO : prefillOrder(options.agingTokensPerSecond));
    this.#apartTokens = LONGEST_PROMPT_TOKENS + (options.agingTokensPerSecond * BATCH_PATIENCE_MS) / 1_000;
    const { endpoints, prefixCacheTokens } = options;
    this.#endpoints = new EndpointStates({ endpoints, prefixCacheTokens, capacity: this.#capacity });
    this.#queue = new WaitingQueue(this.#order, (job) => this.#endpoints.outlook(job));
  }

  /** Jobs in the queue. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Requests that hold a place at an endpoint. */
  inFlight(endpointId: string): number {
    return this.#endpoints.inFlight(endpointId);
  }

  /** Uncached prompt tokens a second that one endpoint reads, as measured; 2,500 until then. */
  get prefillTokensPerSecond(): number {
    return this.#capacity.prefillTokensPerSecond;
  }

  /** Tokens a second of one answer, as measured; 0 until then. */
  get decodeTokensPerSecond(): number {
    return this.#capacity.decodeTokensPerSecond;
  }

  /**
   * A place at an endpoint, now or when it is the job's turn.
   * @throws AppError QUEUE_FULL (429, with `Retry-After`) at once when the queue is full, or so long that the job would
   *   not have its place in time; QUEUE_TIMEOUT (504) when it has not; ENGINE_UNAVAILABLE (503) when no endpoint is
   *   available; the signal's reason once that is aborted
   */
  async acquire(job: Job): Promise<Lease<E>> {
    job.signal?.throwIfAborted();
    this.#endpoints.look();
    // An endpoint may be back without a word; its places are first for those who wait.
    this.#dispatch();
    if (this.#endpoints.candidates.length === 0) throw unavailable();
    // Jobs still waiting have no place, or are batch jobs above their share.
    const allowed = job.class === "interactive" || this.#batchAllowed();
    const placement = allowed ? place(job, this.#endpoints.candidates, this.#windowTokens) : undefined;
    return placement === undefined ? this.#enqueue(job) : this.#grant(job, placement, this.#clock.now());
  }

  /**
   * To be called when an endpoint came, went, failed or came back: gives its places away. Where none is available any
   * more, those who wait are refused like those who come: another instance may have engines that work.
   */
  wake(): void {
    this.#endpoints.look();
    this.#endpoints.prune();
    if (this.#endpoints.candidates.length === 0) for (const waiting of this.#queue.all()) waiting.failed(unavailable());
    this.#queue.reassess();
    this.#dispatch();
  }

  /** `Retry-After` of an engine that refused a job at a place that seemed free, in whole seconds. */
  retryAfterFullSeconds(): number {
    return this.#capacity.retryAfterSeconds({ ...this.#wholeBacklog("interactive"), freePlaces: 0 });
  }

  /** To be called when an endpoint's engine has been restarted: it has read nothing yet. */
  forgetCache(endpointId: string): void {
    this.#endpoints.forgetCache(endpointId);
  }

  #enqueue(job: Job): Promise<Lease<E>> {
    const { maxQueue } = this.#options;
    const batchQueue = Math.max(1, Math.floor(maxQueue * this.#batchShare));
    const full = this.#queue.size >= maxQueue || (job.class === "batch" && this.#queue.batchSize >= batchQueue);
    if (full) throw this.#queueFull(this.#wholeBacklog(job.class));
    const queued = new QueuedJob<E>(job, this.#sequence, this.#clock, () => this.#queue.remove(queued));
    this.#sequence += 1;
    this.#queue.add(queued);
    const hopeless = this.#backlogIfLate(queued);
    if (hopeless !== undefined) {
      this.#queue.remove(queued);
      queued.refused();
      throw this.#queueFull(hopeless);
    }
    return queued.lease;
  }

  /** The work ahead of a job, where it would be late for it; undefined where it would not. */
  #backlogIfLate(queued: QueuedJob<E>): Backlog | undefined {
    const { job } = queued;
    const late = (backlog: Backlog) => this.#capacity.expectedWaitMs(backlog) > job.timeoutMs;
    // Most often all that waits could go first and the job would still be in time: no need to look who does.
    if (!late(this.#wholeBacklog(job.class))) return undefined;
    const { jobs, uncachedTokens } = this.#queue.ahead(queued);
    const backlog = this.#backlog(job.class, jobs, uncachedTokens);
    return late(backlog) ? backlog : undefined;
  }

  /** All that waits, as if it went first. */
  #wholeBacklog(requestClass: RequestClass): Backlog {
    return this.#backlog(requestClass, this.#queue.size, this.#queue.uncachedTokens);
  }

  #backlog(requestClass: RequestClass, jobs: number, uncachedTokens: number): Backlog {
    const sum = (of: (candidate: Candidate<E>) => number) =>
      this.#endpoints.candidates.reduce((total, candidate) => total + of(candidate), 0);
    const { slots } = this.#endpoints;
    const inFlight = sum(({ state }) => state.inFlight);
    const limited = requestClass === "batch" && this.#order.classes;
    const places = limited ? this.#batchLimit() : slots;
    return {
      prefillTokens: uncachedTokens + sum(({ state }) => state.prefillTokens),
      jobs,
      places,
      freePlaces: Math.max(0, Math.min(slots - inFlight, limited ? places - this.#batchInFlight : slots)),
      endpoints: this.#endpoints.candidates.length,
    };
  }

  #queueFull(backlog: Backlog): AppError {
    const seconds = this.#capacity.retryAfterSeconds(backlog);
    return new AppError("QUEUE_FULL", { params: { seconds }, retryAfterSeconds: seconds });
  }

  #batchLimit(): number {
    return Math.max(1, Math.floor(this.#endpoints.slots * this.#batchShare));
  }

  #batchAllowed(): boolean {
    return !this.#order.classes || this.#batchInFlight < this.#batchLimit();
  }

  /** Gives away what places there are. */
  #dispatch(): void {
    if (this.#queue.size === 0) return;
    this.#endpoints.look();
    for (;;) {
      // Whether there is a place does not depend on the job, so none is looked at before there is one.
      if (!this.#endpoints.candidates.some((candidate) => isOpen(candidate, this.#windowTokens))) return;
      const next = this.#queue.peek(this.#clock.now(), this.#batchAllowed());
      if (next === undefined) return;
      const placement = place(next.job, this.#endpoints.candidates, this.#windowTokens);
      if (placement === undefined) return;
      this.#queue.remove(next);
      next.granted(this.#grant(next.job, placement, next.arrivedMs));
    }
  }

  #grant(job: Job, placement: Placement<E>, arrivedMs: number): Lease<E> {
    const queuedMs = this.#clock.now() - arrivedMs;
    const answerTokens = Math.min(job.maxTokens, this.#capacity.completionTokens);
    if (job.class === "batch") this.#batchInFlight += 1;
    const lease = new PlacedLease<E>({
      job,
      placement,
      queuedMs,
      priority: this.#priority(job, placement.cachedTokens, arrivedMs, queuedMs),
      activeTokens: job.promptTokens + answerTokens,
      clock: this.#clock,
      capacity: this.#capacity,
      onOpened: () => this.#dispatch(),
      onReleased: () => {
        if (job.class === "batch") this.#batchInFlight -= 1;
        this.#dispatch();
      },
    });
    this.#queue.learned(placement.state.cache.read(job.prefix));
    this.#options.onWait?.(job.class, queuedMs);
    return lease;
  }

  #priority(job: Job, cached: number, arrivedMs: number, queuedMs: number): number {
    // Of equal priorities vLLM takes the one that came first: fifo without a figure.
    if (!this.#order.classes) return 0;
    const key = this.#order.key({
      class: job.class,
      promptTokens: job.promptTokens,
      uncachedTokens: job.promptTokens - cached,
      arrivedSeconds: arrivedMs / 1_000,
    });
    return Math.round(key + (isPatient(job, queuedMs) ? this.#apartTokens : 0));
  }
}

function unavailable(): AppError {
  return new AppError("ENGINE_UNAVAILABLE", { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS });
}
