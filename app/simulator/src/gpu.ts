import type { Clock } from "../../src/shared/clock";
import { Batch, type BatchOptions, type StepWork } from "./batch";
import { ENGINE_CLOCK } from "./clock";
import { type GpuObserver, NO_OBSERVER } from "./gpu-observer";
import { KvCache } from "./kv-cache";
import {
  type EndReason,
  lengthOf,
  newSequence,
  type Sequence,
  type SequenceListener,
  type SequenceRequest,
} from "./sequence";
import { type EngineTiming, kvCacheBytes, L4_GEMMA_12B, stepDurationMs } from "./timing";

export interface GpuOptions extends Partial<BatchOptions> {
  /** How many times faster than the real GPU; 0 leaves every delay out. */
  readonly speed: number;
  /** At speed 0, goes step by step all the same, so that tokens come one by one. @default false */
  readonly stepwise?: boolean;
  /** @default an L4 with Gemma-3-12B at 4 bits */
  readonly timing?: EngineTiming;
  /** Bytes of the KV cache. @default 10 GiB */
  readonly kvCacheBytes?: number;
  /** Tokens of a block of it. @default 16 */
  readonly blockTokens?: number;
  /** @default true, as vLLM */
  readonly prefixCaching?: boolean;
  /** @default the process's own */
  readonly clock?: Clock;
  /** @default nothing is counted */
  readonly observer?: GpuObserver;
}

/** How the engine is slowed down beyond its own pace. */
export interface Slowness {
  /** Each step takes so many times longer. */
  readonly factor: number;
  /** Milliseconds that each step takes at least, whatever the speed. */
  readonly minStepMs: number;
}

/** Milliseconds of lost time that the loop makes up for; more than that is a process that was stopped. */
const MAX_LAG_MS = 250;

const NOT_SLOW: Slowness = { factor: 1, minStepMs: 0 };

/** Whether it reads a prompt, or reads a preempted sequence's tokens again. */
function isPrefill({ sequence, tokens }: StepWork): boolean {
  return sequence.generated === 0 || tokens > 1;
}

/** One simulated GPU with vLLM's engine on it: a loop of steps, each of which computes one batch. */
export class Gpu {
  readonly #speed: number;
  readonly #stepwise: boolean;
  readonly #timing: EngineTiming;
  readonly #clock: Clock;
  readonly #observer: GpuObserver;
  readonly #cache: KvCache;
  readonly #batch: Batch;
  #slowness = NOT_SLOW;
  #arrivals = 0;
  #isStepping = false;
  #isStalled = false;

  constructor(options: GpuOptions) {
    const { speed, timing = L4_GEMMA_12B, clock = ENGINE_CLOCK, observer = NO_OBSERVER } = options;
    this.#speed = speed;
    this.#stepwise = options.stepwise ?? false;
    this.#timing = timing;
    this.#clock = clock;
    this.#observer = observer;
    this.#cache = new KvCache({
      timing,
      budgetBytes: options.kvCacheBytes ?? L4_GEMMA_12B.kvCacheBytes,
      blockTokens: options.blockTokens ?? L4_GEMMA_12B.blockTokens,
      prefixCaching: options.prefixCaching ?? true,
    });
    const batch = {
      maxSequences: options.maxSequences ?? L4_GEMMA_12B.maxSequences,
      maxBatchedTokens: options.maxBatchedTokens ?? L4_GEMMA_12B.maxBatchedTokens,
      maxAdapters: options.maxAdapters ?? 1,
      policy: options.policy ?? "fcfs",
    };
    this.#batch = new Batch(batch, this.#cache, {
      onStarted: (sequence) => {
        sequence.times.started = clock.now();
        observer.started(sequence);
      },
      onPreempted: (sequence) => observer.preempted(sequence),
    });
  }

  get running(): readonly Sequence[] {
    return this.#batch.running;
  }

  get waiting(): readonly Sequence[] {
    return this.#batch.waiting;
  }

  /** Share of the KV cache in use, 0–1. */
  get kvCacheUsage(): number {
    return this.#cache.usage;
  }

  /** Tokens of all prompts that are not read to their end yet. */
  get unreadPromptTokens(): number {
    return [...this.running, ...this.waiting].reduce(
      (sum, { request, generated }) => sum + (generated === 0 ? request.prompt.length : 0),
      0,
    );
  }

  /** Whether a sequence of so many tokens could ever run. */
  couldHold(tokens: number): boolean {
    return this.#cache.couldHold(tokens);
  }

  /** Ends no further step, or goes on. */
  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    this.run();
  }

  slowDown(slowness: Partial<Slowness>): void {
    this.#slowness = { ...NOT_SLOW, ...slowness };
  }

  /**
   * Takes a sequence in; {@link run} lets it go on.
   * @returns the sequence, to be given to {@link abort}
   */
  add(request: SequenceRequest, listener: SequenceListener): Sequence {
    this.#arrivals += 1;
    const sequence = newSequence(request, listener, this.#arrivals, this.#clock.now());
    this.#batch.add(sequence);
    return sequence;
  }

  /**
   * Goes on where there is something to do. Listeners are called with tokens and ends: at once where there is no delay.
   */
  run(): void {
    if (this.#isStalled) return;
    if (this.#isInstant && !this.#isStepping) this.#runAtOnce();
    else this.#step();
  }

  /** Ends a sequence early and gives its room back. */
  abort(sequence: Sequence, reason: EndReason = "abort"): void {
    if (!sequence.hasEnded) this.#end(sequence, reason);
  }

  /** Ends everything, and forgets the cache: the engine died or starts anew. */
  reset(reason: EndReason): void {
    for (const sequence of [...this.running, ...this.waiting]) this.abort(sequence, reason);
    this.#cache.clear();
  }

  get #isInstant(): boolean {
    return this.#speed === 0 && this.#slowness.minStepMs === 0 && !this.#stepwise;
  }

  /**
   * Without any delay there is no other sequence to share a batch with: whole answers, one after the other, in no steps
   * at all.
   */
  #runAtOnce(): void {
    for (let work = this.#batch.plan(); work.length > 0; work = this.#batch.plan()) {
      for (const { sequence, tokens } of work) {
        const { answerTokens } = sequence.request;
        sequence.computed += tokens;
        if (sequence.computed < sequence.request.prompt.length) continue;
        this.#observer.stepped(tokens, answerTokens);
        this.#publish(sequence);
        this.#deliver(sequence, answerTokens);
      }
    }
  }

  /** @param begins when the step begins; by default now, because the engine had nothing to do until now */
  #step(begins = this.#clock.now()): void {
    if (this.#isStepping || this.#isStalled) return;
    const work = this.#batch.plan();
    if (work.length === 0) return;
    this.#isStepping = true;
    const ends = begins + this.#durationMs(work);
    this.#clock.after(ends - this.#clock.now(), () => {
      this.#isStepping = false;
      this.#finish(work);
      // Where this step should have ended, not where its timer did, or timers' granularity would slow every stream down.
      this.#step(Math.max(ends, this.#clock.now() - MAX_LAG_MS));
    });
  }

  #durationMs(work: readonly StepWork[]): number {
    const { factor, minStepMs } = this.#slowness;
    if (this.#speed === 0) return minStepMs;
    const decoding = work.filter((entry) => !isPrefill(entry));
    const load = {
      prefillTokens: work.reduce((sum, entry) => sum + (isPrefill(entry) ? entry.tokens : 0), 0),
      decodeSeqs: decoding.length,
      decodeKvBytes: decoding.reduce((sum, { sequence }) => sum + kvCacheBytes(lengthOf(sequence), this.#timing), 0),
    };
    return Math.max(minStepMs, (stepDurationMs(load, this.#timing) / this.#speed) * factor);
  }

  #finish(work: readonly StepWork[]): void {
    let prefillTokens = 0;
    let answerTokens = 0;
    for (const entry of work) {
      const { sequence, tokens } = entry;
      if (sequence.hasEnded) continue;
      if (isPrefill(entry)) prefillTokens += tokens;
      sequence.computed += tokens;
      if (sequence.computed < lengthOf(sequence)) continue;
      if (sequence.generated === 0) this.#publish(sequence);
      answerTokens += 1;
      this.#deliver(sequence, 1);
    }
    this.#observer.stepped(prefillTokens, answerTokens);
  }

  #publish(sequence: Sequence): void {
    const { adapter = "", prompt } = sequence.request;
    if (sequence.lease !== undefined) this.#cache.publish(sequence.lease, adapter, prompt);
  }

  #deliver(sequence: Sequence, count: number): void {
    const { times, request, listener } = sequence;
    const now = this.#clock.now();
    const from = sequence.generated;
    sequence.generated += count;
    this.#observer.generated(sequence, count, (now - (times.lastToken ?? times.arrived)) / 1_000);
    times.firstToken ??= now;
    times.lastToken = now;
    if (count > 0) listener.tokens(from, from + count);
    if (sequence.generated >= request.answerTokens && !sequence.hasEnded) this.#end(sequence, request.endReason);
  }

  #end(sequence: Sequence, reason: EndReason): void {
    sequence.hasEnded = true;
    sequence.times.ended = this.#clock.now();
    this.#batch.remove(sequence);
    this.#observer.ended(sequence, reason);
    sequence.listener.ended(reason);
  }
}
