import { setTimeout as delay } from "node:timers/promises";
import { decodeStepMs, L4_GEMMA_12B, prefillMs } from "./timing";

/** One simulated GPU: a batch of limited size, a queue before it, and one prefill at a time. */
export class Gpu {
  readonly #speed: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #prefill: Promise<void> = Promise.resolve();
  /** KV cache held by running sequences, in tokens. */
  #cachedTokens = 0;

  /** @param speed how many times faster than the real GPU; 0 leaves every delay out */
  constructor(speed: number) {
    this.#speed = speed;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Share of the KV cache in use, 0–1. */
  get kvCacheUsage(): number {
    return Math.min(1, this.#cachedTokens / L4_GEMMA_12B.kvCacheTokens);
  }

  /**
   * Runs one sequence: waits for a place, reads the prompt, then yields once for each token of the answer when it would
   * be there. Leaving the loop early, or the signal, gives the place back.
   * @throws the signal's reason
   */
  async *generate(promptTokens: number, answerTokens: number, signal: AbortSignal): AsyncGenerator<number> {
    await this.#enter(signal);
    const held = promptTokens + answerTokens;
    this.#cachedTokens += held;
    try {
      await this.#readPrompt(promptTokens, signal);
      // Against a clock rather than by sleeping step after step, or timer granularity would slow every stream down.
      let due = performance.now();
      for (let token = 0; token < answerTokens; token += 1) {
        due += this.#scaled(decodeStepMs(this.#running));
        await this.#sleep(due - performance.now(), signal);
        yield token;
      }
    } finally {
      this.#cachedTokens -= held;
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < L4_GEMMA_12B.maxSequences) {
      this.#running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      };
      const abandon = () => {
        const place = this.#queue.indexOf(enter);
        if (place !== -1) this.#queue.splice(place, 1);
        reject(signal.reason);
      };
      this.#queue.push(enter);
      signal.addEventListener("abort", abandon, { once: true });
    });
  }

  /** Hands the place to the next in the queue; the count stays. */
  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  async #readPrompt(tokens: number, signal: AbortSignal): Promise<void> {
    const turn = this.#prefill.then(() =>
      signal.aborted ? undefined : this.#sleep(this.#scaled(prefillMs(tokens)), signal),
    );
    this.#prefill = turn.catch(() => {});
    await turn;
    signal.throwIfAborted();
  }

  #scaled(ms: number): number {
    return this.#speed === 0 ? 0 : ms / this.#speed;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (ms > 0) await delay(ms, undefined, { signal });
  }
}
