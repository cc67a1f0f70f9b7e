import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import type { PoolClient } from "pg";
import { isUnavailable, postgresUnavailable } from "./connection-errors";

/** What the driver needs of pg's pool. */
export interface ConnectionSource {
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
}

/**
 * kysely's driver over pg's pool. Unlike kysely's own, it throws `STORE_UNAVAILABLE` (503) where PostgreSQL cannot be
 * reached, reports whether it could, and drops a connection that failed: one whose answer never came would hand it to
 * the next query.
 */
export class PostgresStoreDriver implements Driver {
  readonly #source: ConnectionSource;
  readonly #onState: (up: boolean) => void;

  constructor(source: ConnectionSource, onState: (up: boolean) => void) {
    this.#source = source;
    this.#onState = onState;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    try {
      return new StoreConnection(await this.#source.connect(), this.#onState);
    } catch (thrown) {
      this.#onState(false);
      throw postgresUnavailable(thrown);
    }
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const isolation = settings.isolationLevel ? ` isolation level ${settings.isolationLevel}` : "";
    const access = settings.accessMode ? ` ${settings.accessMode}` : "";
    await connection.executeQuery(CompiledQuery.raw(`start transaction${isolation}${access}`));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A lost connection has rolled back by itself, and the error to report is the one that lost it.
    if (connection instanceof StoreConnection && connection.broken) return;
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof StoreConnection) connection.release();
  }

  async destroy(): Promise<void> {
    await this.#source.end();
  }
}

class StoreConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #onState: (up: boolean) => void;
  broken = false;
  readonly #onLost = () => {
    this.broken = true;
  };

  constructor(client: PoolClient, onState: (up: boolean) => void) {
    this.#client = client;
    this.#onState = onState;
    // A connection that is lost fails its query, and emits an error that would end the process without a listener.
    client.on("error", this.#onLost);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { rowCount, rows } = await this.#client.query(sql, [...parameters]);
      this.#onState(true);
      return { rows, ...(rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) }) };
    } catch (thrown) {
      if (!isUnavailable(thrown)) throw thrown;
      this.broken = true;
      this.#onState(false);
      throw postgresUnavailable(thrown);
    }
  }

  // biome-ignore lint/correctness/useYield: kysely's interface requires a generator; the gateway reads no cursors.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("cursors are not used here: read a page at a time");
  }

  release(): void {
    this.#client.off("error", this.#onLost);
    this.#client.release(this.broken);
  }
}
