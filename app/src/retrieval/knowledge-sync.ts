import { setTimeout as delay } from "node:timers/promises";
import type { KnowledgeBase, KnowledgeDocument } from "./knowledge-base";

export interface KnowledgeSyncOptions {
  readonly knowledge: KnowledgeBase;
  /** Every text that must be found, a page at a time: the rows in PostgreSQL, which have the last word. */
  readonly documents: (signal: AbortSignal) => AsyncIterable<readonly KnowledgeDocument[]>;
  /** Called after a run that failed; it is retried. */
  readonly onError: (cause: unknown) => void;
  /** Milliseconds before a run that failed is tried again. @default 30000 */
  readonly retryMs?: number | undefined;
}

const RETRY_MS = 30_000;

/**
 * Adds what the vector store lacks: texts that were written while it was away, and all of them after a change of the
 * embedder or its calibration, which begins an empty collection. Runs at the start and whenever something could not be
 * indexed; several gateways may do so at once.
 */
export class KnowledgeSync {
  readonly #options: KnowledgeSyncOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: KnowledgeSyncOptions) {
    this.#options = options;
  }

  /** Starts a run; one that is under way is followed by another. */
  request(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { knowledge, documents, onError, retryMs = RETRY_MS } = this.#options;
    const { signal } = this.#stopped;
    while (this.#again && !signal.aborted) {
      this.#again = false;
      try {
        for await (const page of documents(signal)) {
          const missing = new Set(
            await knowledge.missing(
              page.map(({ id }) => id),
              signal,
            ),
          );
          await knowledge.addAll(
            page.filter(({ id }) => missing.has(id)),
            signal,
          );
        }
      } catch (thrown) {
        if (signal.aborted) return;
        onError(thrown);
        this.#again = true;
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }
}
