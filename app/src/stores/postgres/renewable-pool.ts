import type { Pool, PoolClient } from "pg";
import type { ConnectionSource } from "./driver";

/** Connections that can all be distrusted at once. */
export interface RenewableSource extends ConnectionSource {
  /** No connection from before is handed out again. */
  renew(): void;
}

/** pg's pool, in which a connection from before the last renewal is closed when its turn comes. */
export class RenewablePool implements RenewableSource {
  readonly #pool: Pool;
  #fresh = new WeakSet<PoolClient>();

  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on("connect", (client) => this.#fresh.add(client));
    // An idle connection that dies is replaced with the next query, which also shows whether PostgreSQL is back.
    pool.on("error", () => {});
  }

  async connect(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      if (this.#fresh.has(client)) return client;
      client.release(true);
    }
  }

  renew(): void {
    this.#fresh = new WeakSet();
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}
