import { AppError } from "../errors/app-error";
import { type Backlog, Capacity } from "./capacity";
import type { Clock } from "./clock";
import type { DispatchEndpoint } from "./dispatch-endpoint";
import { EndpointState } from "./endpoint-state";
import type { Job, RequestClass } from "./job";
import type { Lease } from "./lease";
import { FIFO, type Order, prefillOrder } from "./order";
import { PlacedLease } from "./placed-lease";
import { type Candidate, isOpen, type Placement, place } from "./placement";
import { QueuedJob } from "./queued-job";
import { cachedTokens } from "./uncached";
import { BATCH_PATIENCE_MS, type Outlook, WaitingQueue } from "./waiting-queue";

/**
 * A quarter of what vLLM reads in one step on an L4 (2,048, its default `--max-num-batched-tokens` there): short prompts
 * still share a step, and a long one is read alone. `npm run bench:scheduler -- --windows` has other values.
 */
const PREFILL_WINDOW_TOKENS = 512;

/** Tokens in 10 GiB of KV cache: some 26 sequences of 1,024 tokens of Gemma 3 12B (docs/capacity.md). */
const KV_CACHE_TOKENS = 26 * 1_024;

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
  /** Told how long each job that got a place had waited for it. @default nobody is */
  readonly onWait?: (requestClass: RequestClass, waitedMs: number) => void;
  /** Another order than the policy's, to compare with. @default the policy's */
  readonly order?: Order | undefined;
}

/**
 * Gives the places of one model's endpoints to the jobs that want them: which job next, and where. docs/scheduling.md
 * says how it decides, and proves how long a job waits at most.
 */
export class Dispatcher<E extends DispatchEndpoint> {
  readonly #options: DispatcherOptions<E>;
  readonly #clock: Clock;
  readonly #order: Order;
  readonly #queue: WaitingQueue<QueuedJob<E>>;
  readonly #capacity = new Capacity();
  readonly #states = new Map<string, EndpointState>();
  readonly #batchShare: number;
  readonly #windowTokens: number;
  /** The endpoints that are available, as of the last look. */
  #candidates: readonly Candidate<E>[] = [];
  #batchInFlight = 0;
  #sequence = 0;

  constructor(options: DispatcherOptions<E>) {
    this.#options = options;
    this.#clock = options.clock;
    this.#batchShare = options.batchShare ?? 0.7;
    this.#windowTokens = options.prefillWindowTokens ?? PREFILL_WINDOW_TOKENS;
    this.#order = options.order ?? (options.policy === "fifo" ? FIFO : prefillOrder(options.agingTokensPerSecond));
    this.#queue = new WaitingQueue(this.#order, (job) => this.#outlook(job));
  }

  /** Jobs in the queue. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Requests that hold a place at an endpoint. */
  inFlight(endpointId: string): number {
    return this.#states.get(endpointId)?.inFlight ?? 0;
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
    this.#look();
    if (this.#candidates.length === 0) {
      throw new AppError("ENGINE_UNAVAILABLE", { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS });
    }
    // Whoever waits has been looked at before: with a place left for this job, it has no one before it.
    const allowed = job.class === "interactive" || this.#batchAllowed();
    const placement = allowed ? place(job, this.#candidates, this.#windowTokens) : undefined;
    return placement === undefined ? this.#enqueue(job) : this.#grant(job, placement, this.#clock.now());
  }

  /** To be called when an endpoint came, went or came back: gives its places away. */
  wake(): void {
    this.#look();
    const listed = new Set(this.#options.endpoints().map((endpoint) => endpoint.id));
    for (const [id, state] of this.#states) if (!listed.has(id) && state.inFlight === 0) this.#states.delete(id);
    this.#queue.reassess();
    this.#dispatch();
  }

  /** To be called when an endpoint's engine has been restarted: it has read nothing yet. */
  forgetCache(endpointId: string): void {
    this.#states.get(endpointId)?.cache.clear();
  }

  #look(): void {
    this.#candidates = this.#options
      .endpoints()
      .filter((endpoint) => endpoint.available())
      .map((endpoint) => ({ endpoint, state: this.#stateOf(endpoint.id) }));
  }

  #stateOf(id: string): EndpointState {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const state = new EndpointState(this.#options.prefixCacheTokens ?? KV_CACHE_TOKENS, this.#capacity);
    this.#states.set(id, state);
    return state;
  }

  #outlook(job: Job): Outlook {
    const held = Math.max(0, ...this.#candidates.map(({ state }) => state.cache.heldBlocks(job.prefix)));
    return { uncachedTokens: job.promptTokens - cachedTokens(job, held), missing: job.prefix.hashes[held] };
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

  /** What stands between a job and its place, where that is so much that it would be late. */
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
      this.#candidates.reduce((total, candidate) => total + of(candidate), 0);
    const slots = sum(({ endpoint }) => endpoint.slots);
    const inFlight = sum(({ state }) => state.inFlight);
    const limited = requestClass === "batch" && this.#order.classes;
    const places = limited ? this.#batchLimit() : slots;
    return {
      prefillTokens: uncachedTokens + sum(({ state }) => state.prefillTokens),
      jobs,
      places,
      freePlaces: Math.max(0, Math.min(slots - inFlight, limited ? places - this.#batchInFlight : slots)),
      endpoints: this.#candidates.length,
    };
  }

  #queueFull(backlog: Backlog): AppError {
    const seconds = this.#capacity.retryAfterSeconds(backlog);
    return new AppError("QUEUE_FULL", { params: { seconds }, retryAfterSeconds: seconds });
  }

  #batchLimit(): number {
    const slots = this.#candidates.reduce((total, { endpoint }) => total + endpoint.slots, 0);
    return Math.max(1, Math.floor(slots * this.#batchShare));
  }

  #batchAllowed(): boolean {
    return !this.#order.classes || this.#batchInFlight < this.#batchLimit();
  }

  /** Gives away what places there are. */
  #dispatch(): void {
    if (this.#queue.size === 0) return;
    this.#look();
    for (;;) {
      // Whether there is a place does not depend on the job, so none is looked at before there is one.
      if (!this.#candidates.some((candidate) => isOpen(candidate, this.#windowTokens))) return;
      const next = this.#queue.peek(this.#clock.now(), this.#batchAllowed());
      if (next === undefined) return;
      const placement = place(next.job, this.#candidates, this.#windowTokens);
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
      ...{ job, placement, queuedMs },
      priority: this.#priority(job, placement, arrivedMs),
      activeTokens: job.promptTokens + answerTokens,
      ...{ clock: this.#clock, capacity: this.#capacity },
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

  #priority(job: Job, { cachedTokens: cached }: Placement<E>, arrivedMs: number): number {
    // Of equal priorities vLLM takes the one that came first: fifo without a figure.
    if (!this.#order.classes) return 0;
    const patienceMs = job.class === "batch" ? BATCH_PATIENCE_MS : 0;
    return Math.round(
      this.#order.key({
        class: job.class,
        promptTokens: job.promptTokens,
        uncachedTokens: job.promptTokens - cached,
        arrivedSeconds: (arrivedMs + patienceMs) / 1_000,
      }),
    );
  }
}
