import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { ESTIMATE_ERROR_SHARE, estimateTokens } from "./estimate";
import type { TokenCounter } from "./token-counter";

export interface ExactCounterOptions {
  /** Bundle of `tokenizer-worker.ts`. @default `tokenizer-worker.js` beside the running bundle */
  readonly workerFile?: string;
  /** Called once when the tokenizer cannot be loaded or has died; counts are estimated from then on. */
  readonly onLost: (reason: Error) => void;
}

const messageSchema = z.union([z.object({ ready: z.literal(true) }), z.object({ id: z.number(), tokens: z.number() })]);

/**
 * Counts with Gemma 3's tokenizer in a worker thread. It loads in the background: until it has, and after it was lost,
 * counts are estimates, with the estimate's `errorShare`.
 */
export class ExactTokenCounter implements TokenCounter {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { readonly text: string; readonly resolve: (tokens: number) => void }>();
  readonly #onLost: (reason: Error) => void;
  /** Resolves when the tokenizer counts, or has failed for good. */
  readonly settled: Promise<void>;
  #state: "loading" | "ready" | "lost" = "loading";
  #next = 0;

  constructor({ workerFile = join(__dirname, "tokenizer-worker.js"), onLost }: ExactCounterOptions) {
    this.#onLost = onLost;
    this.#worker = new Worker(workerFile);
    this.#worker.unref();
    this.settled = new Promise((resolve) => {
      this.#worker.on("message", (message: unknown) => {
        this.#receive(message);
        if (this.#state === "ready") resolve();
      });
      this.#worker.once("error", (error) => this.#lose(error));
      this.#worker.once("exit", (code) => {
        this.#lose(new Error(`the tokenizer's thread ended with ${code}`));
        resolve();
      });
    });
  }

  get errorShare(): number {
    return this.#state === "ready" ? 0 : ESTIMATE_ERROR_SHARE;
  }

  count(text: string): number | Promise<number> {
    if (this.#state !== "ready") return estimateTokens(text);
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve) => {
      this.#waiting.set(id, { text, resolve });
      this.#worker.postMessage({ id, text });
    });
  }

  async close(): Promise<void> {
    this.#state = "lost";
    await this.#worker.terminate();
    this.#estimateWaiting();
  }

  #receive(message: unknown): void {
    const parsed = messageSchema.parse(message);
    if ("ready" in parsed) {
      if (this.#state === "loading") this.#state = "ready";
      return;
    }
    this.#waiting.get(parsed.id)?.resolve(parsed.tokens);
    this.#waiting.delete(parsed.id);
  }

  #lose(reason: Error): void {
    if (this.#state === "lost") return;
    this.#state = "lost";
    this.#estimateWaiting();
    this.#onLost(reason);
  }

  #estimateWaiting(): void {
    for (const { text, resolve } of this.#waiting.values()) resolve(estimateTokens(text));
    this.#waiting.clear();
  }
}
