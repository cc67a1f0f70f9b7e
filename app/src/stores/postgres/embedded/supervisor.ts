import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../../shared/errors/message-of";
import type { Cluster } from "./postgres-cluster";

/** Milliseconds between tries to start a server that does not start: what a killed one started must end first. */
const RETRY_MS = 500;

/** Starts the server again whenever it ends by itself, for instance because memory ran out. */
export class Supervisor {
  readonly #cluster: Cluster;
  readonly #onProgress: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;

  /** @param cluster started */
  constructor(cluster: Cluster, onProgress: (line: string) => void) {
    this.#cluster = cluster;
    this.#onProgress = onProgress;
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#cluster.stop();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#cluster.ended;
      if (signal.aborted) return;
      this.#onProgress("the embedded PostgreSQL ended; starting it again");
      await this.#cluster.start().catch(async (thrown: unknown) => {
        this.#onProgress(messageOf(thrown));
        await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      });
      // Stopped while it was starting.
      if (signal.aborted) return this.#cluster.stop();
    }
  }
}
