import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import type { PoolClient } from "pg";
import { type StoreCircuit, StoreHangsError } from "../store-circuit";
import { isUnavailable, postgresUnavailable } from "./connection-errors";

/** What the driver needs of pg's pool. */
export interface ConnectionSource {
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
}

export interface StoreDriverOptions {
  readonly source: ConnectionSource;
  /** @default calls have no deadline */
  readonly circuit: StoreCircuit | undefined;
  readonly onState: (up: boolean) => void;
}

/**
 * kysely's driver over pg's pool. Unlike kysely's own, it throws `STORE_UNAVAILABLE` (503) where PostgreSQL cannot be
 * reached, reports whether it could, and drops a connection that failed: one whose answer never came would hand it to
 * the next query. Getting a connection and the first statement on it share one deadline of the circuit; every further
 * statement of a transaction has one of its own.
 */
export class PostgresStoreDriver implements Driver {
  readonly #options: StoreDriverOptions;

  constructor(options: StoreDriverOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const { source, circuit, onState } = this.#options;
    const until = circuit?.deadline();
    let connecting: Promise<PoolClient> | undefined;
    const connect = () => {
      connecting = source.connect();
      return connecting;
    };
    try {
      const client = await (circuit === undefined ? connect() : circuit.call(connect, until));
      return new StoreConnection(client, this.#options, until);
    } catch (thrown) {
      // One that arrives after the deadline has nobody to give it back.
      connecting?.then((client) => client.release(true)).catch(() => {});
      onState(false);
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
    this.#options.circuit?.close();
    await this.#options.source.end();
  }
}

class StoreConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #options: StoreDriverOptions;
  /** Of the first statement. */
  #until: number | undefined;
  broken = false;
  readonly #onLost = () => {
    this.broken = true;
  };

  constructor(client: PoolClient, options: StoreDriverOptions, until: number | undefined) {
    this.#client = client;
    this.#options = options;
    this.#until = until;
    // A connection that is lost fails its query, and emits an error that would end the process without a listener.
    client.on("error", this.#onLost);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { circuit, onState } = this.#options;
    const until = this.#until;
    this.#until = undefined;
    const query = () => this.#client.query(sql, [...parameters]);
    try {
      const { rowCount, rows } = await (circuit === undefined ? query() : circuit.call(query, until));
      onState(true);
      return { rows, ...(rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) }) };
    } catch (thrown) {
      if (!(thrown instanceof StoreHangsError) && !isUnavailable(thrown)) throw thrown;
      this.broken = true;
      onState(false);
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
