import { Worker } from "node:worker_threads";
import { z } from "zod";
import type { Redaction } from "./redact-texts";

const messageSchema = z.union([
  z.object({ id: z.number(), texts: z.array(z.string()), counts: z.record(z.string(), z.number()) }),
  z.object({ id: z.number(), error: z.string() }),
]);

interface Waiting {
  readonly resolve: (redaction: Redaction) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Redaction in a worker thread, which starts with the first texts and again after it has died. Texts that it does not
 * give back are an error, never texts that nothing was hidden in.
 */
export class RedactionThread {
  readonly #workerFile: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 0;

  /** @param workerFile bundle of `redaction-worker.ts` */
  constructor(workerFile: string) {
    this.#workerFile = workerFile;
  }

  /** @throws Error where the thread fails or dies */
  redact(texts: readonly string[]): Promise<Redaction> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, texts });
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile);
    worker.unref();
    worker.on("message", (message: unknown) => this.#receive(message));
    worker.once("error", (error) => this.#lose(worker, error));
    worker.once("exit", (code) => this.#lose(worker, new Error(`the redaction's thread ended with ${code}`)));
    return worker;
  }

  #receive(message: unknown): void {
    const parsed = messageSchema.parse(message);
    const waiting = this.#waiting.get(parsed.id);
    this.#waiting.delete(parsed.id);
    if ("error" in parsed) waiting?.reject(new Error(`redaction failed: ${parsed.error}`));
    else waiting?.resolve({ texts: parsed.texts, counts: parsed.counts });
  }

  #lose(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
