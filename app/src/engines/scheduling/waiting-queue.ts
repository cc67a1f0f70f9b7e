import type { Job } from "./job";
import type { Order } from "./order";
import { type HeapItem, PriorityHeap } from "./priority-heap";

/**
 * Milliseconds after which a batch job is ordered among the interactive ones, its whole wait counted. Source: a batch
 * is to be answered within 5 to 10 s.
 */
export const BATCH_PATIENCE_MS = 10_000;

/** Whether a job that has waited so long still lets every interactive one go before it. */
export function isPatient(job: Job, waitedMs: number): boolean {
  return job.class === "batch" && waitedMs < BATCH_PATIENCE_MS;
}

/** A job's cost at the endpoint that holds most of it. */
export interface Outlook {
  readonly uncachedTokens: number;
  /** Hash of the first block that this endpoint does not hold. @default it holds all */
  readonly missing: number | undefined;
}

/** A job in the queue. */
export interface Waiting extends HeapItem {
  readonly job: Job;
  /** Milliseconds of the dispatcher's clock. */
  readonly arrivedMs: number;
  uncachedTokens: number;
  missing: number | undefined;
}

/**
 * Jobs in their order. A job's key changes only with what is cached. A prompt that an engine has just read may make it
 * cheaper: such jobs are found by the block they lack, and move at once. A block that an engine forgot may make it
 * dearer: that shows when the job comes to the top, and sends it back down. So no key is ever above its true value, the
 * one on top is checked, and the top is the true least; all in O(log n) for each job that moves.
 */
export class WaitingQueue<T extends Waiting> {
  readonly #interactive = new PriorityHeap<T>();
  readonly #batch = new PriorityHeap<T>();
  /** Hash of a block → jobs that lack it first. */
  readonly #lacking = new Map<number, Set<T>>();
  readonly #order: Order;
  readonly #outlook: (job: Job) => Outlook;
  #uncachedTokens = 0;

  constructor(order: Order, outlook: (job: Job) => Outlook) {
    this.#order = order;
    this.#outlook = outlook;
  }

  get size(): number {
    return this.#interactive.size + this.#batch.size;
  }

  /** Of these, batch jobs that are ordered behind all interactive ones. */
  get batchSize(): number {
    return this.#batch.size;
  }

  /** Of all waiting jobs together. */
  get uncachedTokens(): number {
    return this.#uncachedTokens;
  }

  add(waiting: T): void {
    this.#assess(waiting);
    this.#heapOf(waiting).push(waiting);
  }

  remove(waiting: T): void {
    this.#heapOf(waiting).remove(waiting);
    this.#forget(waiting);
  }

  /**
   * The job whose turn it is.
   * @param batchAllowed whether batch has part of its share left
   */
  peek(now: number, batchAllowed: boolean): T | undefined {
    const interactive = this.#top(this.#interactive);
    const batch = batchAllowed ? this.#top(this.#batch) : undefined;
    if (batch === undefined || interactive === undefined) return interactive ?? batch;
    return !isPatient(batch.job, now - batch.arrivedMs) && batch.key < interactive.key ? batch : interactive;
  }

  /** An endpoint has read blocks that it did not hold before. */
  learned(hashes: readonly number[]): void {
    if (this.#lacking.size === 0) return;
    for (const hash of hashes) for (const waiting of [...(this.#lacking.get(hash) ?? [])]) this.#reassess(waiting);
  }

  /** Every job, in no order. */
  all(): readonly T[] {
    return [...this.#interactive, ...this.#batch];
  }

  /** Endpoints came or went: looks at every job anew. */
  reassess(): void {
    for (const waiting of this.all()) this.#reassess(waiting);
  }

  /** Jobs that go before one, and their uncached tokens. Takes O(n): for when a sum over all jobs is not enough. */
  ahead(of: T): { readonly jobs: number; readonly uncachedTokens: number } {
    let jobs = 0;
    let uncachedTokens = 0;
    for (const heap of this.#order.classes && of.job.class === "batch"
      ? [this.#interactive, this.#batch]
      : [this.#heapOf(of)]) {
      for (const waiting of heap) {
        if (waiting === of || (waiting.job.class === of.job.class && waiting.key > of.key)) continue;
        jobs += 1;
        uncachedTokens += waiting.uncachedTokens;
      }
    }
    return { jobs, uncachedTokens };
  }

  #heapOf({ job }: T): PriorityHeap<T> {
    return this.#order.classes && job.class === "batch" ? this.#batch : this.#interactive;
  }

  #top(heap: PriorityHeap<T>): T | undefined {
    for (;;) {
      const top = heap.peek();
      if (top === undefined) return undefined;
      const key = top.key;
      this.#reassess(top);
      if (top.key === key) return top;
    }
  }

  #reassess(waiting: T): void {
    const { key } = waiting;
    this.#forget(waiting);
    this.#assess(waiting);
    if (waiting.key !== key) this.#heapOf(waiting).moved(waiting);
  }

  #assess(waiting: T): void {
    const { uncachedTokens, missing } = this.#outlook(waiting.job);
    const { promptTokens, class: requestClass } = waiting.job;
    const arrivedSeconds = waiting.arrivedMs / 1_000;
    waiting.key = this.#order.key({ uncachedTokens, promptTokens, class: requestClass, arrivedSeconds });
    waiting.uncachedTokens = uncachedTokens;
    waiting.missing = missing;
    this.#uncachedTokens += uncachedTokens;
    if (missing === undefined) return;
    const lacking = this.#lacking.get(missing);
    if (lacking === undefined) this.#lacking.set(missing, new Set([waiting]));
    else lacking.add(waiting);
  }

  #forget(waiting: T): void {
    this.#uncachedTokens -= waiting.uncachedTokens;
    if (waiting.missing === undefined) return;
    const lacking = this.#lacking.get(waiting.missing);
    lacking?.delete(waiting);
    if (lacking?.size === 0) this.#lacking.delete(waiting.missing);
  }
}
