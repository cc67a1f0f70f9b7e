import type { KvCache } from "./kv-cache";
import { byPriority, lengthOf, type Sequence } from "./sequence";

export type SchedulingPolicy = "fcfs" | "priority";

export interface BatchOptions {
  /** vLLM's `--max-num-seqs`. */
  readonly maxSequences: number;
  /** vLLM's `--max-num-batched-tokens`. */
  readonly maxBatchedTokens: number;
  /** vLLM's `--max-loras`: adapters in one batch. */
  readonly maxAdapters: number;
  readonly policy: SchedulingPolicy;
}

/** What one step does for one sequence. */
export interface StepWork {
  readonly sequence: Sequence;
  /** Tokens computed: one for a sequence that answers, a chunk of the prompt for one that does not yet. */
  readonly tokens: number;
}

export interface BatchEvents {
  /** A sequence came into the batch for the first time. */
  readonly onStarted: (sequence: Sequence) => void;
  /** A sequence lost its place, and computes everything again. */
  readonly onPreempted: (sequence: Sequence) => void;
}

/**
 * Which sequences run: continuous batching with chunked prefill as vLLM does it. A step first serves those that run,
 * then takes in waiting ones while there are places, tokens and cache. No sequence loses a place to a more urgent one;
 * only when the cache is full does the last, or the least urgent, give its room back.
 */
export class Batch {
  readonly #options: BatchOptions;
  readonly #cache: KvCache;
  readonly #events: BatchEvents;
  readonly running: Sequence[] = [];
  readonly waiting: Sequence[] = [];

  constructor(options: BatchOptions, cache: KvCache, events: BatchEvents) {
    this.#options = options;
    this.#cache = cache;
    this.#events = events;
  }

  add(sequence: Sequence): void {
    if (this.#options.policy === "fcfs") this.waiting.push(sequence);
    else this.#insertByPriority(sequence);
  }

  /** Takes a sequence out, wherever it is, and gives its room back. */
  remove(sequence: Sequence): void {
    for (const list of [this.running, this.waiting]) {
      const place = list.indexOf(sequence);
      if (place !== -1) list.splice(place, 1);
    }
    this.#release(sequence);
  }

  /** Shares out one step's tokens. */
  plan(): StepWork[] {
    const work: StepWork[] = [];
    let budget = this.#options.maxBatchedTokens;
    let preempted = false;
    for (const sequence of [...this.running]) {
      if (sequence.lease === undefined || budget === 0) continue;
      const tokens = Math.min(lengthOf(sequence) - sequence.computed, budget);
      while (sequence.lease !== undefined && !this.#cache.extend(sequence.lease, sequence.computed + tokens)) {
        const victim = this.#victim();
        preempted = true;
        this.#preempt(victim);
        const lost = work.findIndex((entry) => entry.sequence === victim);
        if (lost !== -1) budget += work.splice(lost, 1)[0]?.tokens ?? 0;
      }
      if (sequence.lease === undefined) continue;
      work.push({ sequence, tokens });
      budget -= tokens;
    }
    return preempted ? work : [...work, ...this.#admit(budget)];
  }

  #admit(tokens: number): StepWork[] {
    const { maxSequences, maxAdapters } = this.#options;
    const adapters = new Set(this.running.flatMap(({ request }) => request.adapter ?? []));
    const work: StepWork[] = [];
    let budget = tokens;
    for (const sequence of [...this.waiting]) {
      if (this.running.length >= maxSequences || budget === 0) break;
      const { adapter = "", prompt } = sequence.request;
      sequence.deferred = adapter !== "" && !adapters.has(adapter) && adapters.size >= maxAdapters;
      if (sequence.deferred) continue;
      const lease = this.#cache.lease(adapter, prompt, lengthOf(sequence));
      if (lease === undefined) break;
      if (adapter !== "") adapters.add(adapter);
      this.waiting.splice(this.waiting.indexOf(sequence), 1);
      this.running.push(sequence);
      this.#start(sequence, lease);
      const chunk = Math.min(lengthOf(sequence) - sequence.computed, budget);
      work.push({ sequence, tokens: chunk });
      budget -= chunk;
    }
    return work;
  }

  #start(sequence: Sequence, lease: NonNullable<Sequence["lease"]>): void {
    sequence.lease = lease;
    sequence.computed = lease.cachedTokens;
    if (sequence.times.started !== undefined) return;
    sequence.cachedTokens = lease.cachedTokens;
    this.#events.onStarted(sequence);
  }

  #victim(): Sequence {
    const last = this.running.at(-1);
    if (last === undefined) throw new Error("no sequence runs, so none can give its room back");
    if (this.#options.policy === "fcfs") return last;
    return this.running.reduce((least, sequence) => (byPriority(sequence, least) > 0 ? sequence : least));
  }

  #preempt(sequence: Sequence): void {
    this.remove(sequence);
    sequence.computed = 0;
    if (this.#options.policy === "fcfs") this.waiting.unshift(sequence);
    else this.#insertByPriority(sequence);
    this.#events.onPreempted(sequence);
  }

  #insertByPriority(sequence: Sequence): void {
    let place = this.waiting.length;
    while (place > 0) {
      const before = this.waiting[place - 1];
      if (before === undefined || byPriority(before, sequence) <= 0) break;
      place -= 1;
    }
    this.waiting.splice(place, 0, sequence);
  }

  #release(sequence: Sequence): void {
    if (sequence.lease === undefined) return;
    this.#cache.release(sequence.lease);
    sequence.lease = undefined;
  }
}
