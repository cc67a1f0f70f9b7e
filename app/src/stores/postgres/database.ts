import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { Pool, type PoolConfig, types } from "pg";
import { type ConnectionSource, PostgresStoreDriver } from "./driver";
import type { Tables } from "./tables/all-tables";

/** The typed query builder. Every query that cannot reach PostgreSQL throws `STORE_UNAVAILABLE` (503). */
export type Sql = Kysely<Tables>;

/** Connection options for pg, without its pool's limits. */
export type PostgresLogin = Pick<
  PoolConfig,
  "host" | "port" | "user" | "password" | "database" | "ssl" | "connectionString"
>;

export interface DatabaseOptions {
  readonly login: PostgresLogin;
  readonly poolMax: number;
  /** Milliseconds that one statement may take; 0 sets no limit. @default 10000 */
  readonly statementTimeoutMs?: number | undefined;
  /** Called when a query finds PostgreSQL gone, and when one finds it back. */
  readonly onState?: (up: boolean) => void;
}

/**
 * Milliseconds. Every statement of the gateway reads or writes a few rows: what takes longer waits for a lock or is
 * wrong.
 */
const STATEMENT_TIMEOUT_MS = 10_000;
/** Milliseconds to a connection, whether new or another request's. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds after which a spare connection is given back: Cloud SQL counts them. */
const IDLE_TIMEOUT_MS = 60_000;
/** Seconds after which a connection is replaced, so that a failed-over address or a new token reaches all in time. */
const MAX_LIFETIME_SECONDS = 1_800;
/** Milliseconds that the network may take on top of the server's own limit before a silent server counts as gone. */
const NETWORK_MARGIN_MS = 2_000;

/** PostgreSQL, by a pool of connections. */
export class Database {
  readonly sql: Sql;
  #up: boolean | undefined;

  constructor(source: ConnectionSource, onState: (up: boolean) => void = () => {}) {
    const changed = (up: boolean) => {
      if (up === this.#up) return;
      this.#up = up;
      onState(up);
    };
    this.sql = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new PostgresStoreDriver(source, changed),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
  }

  /** Whether the last query reached PostgreSQL; `undefined` before the first. */
  get up(): boolean | undefined {
    return this.#up;
  }

  /** @throws AppError `STORE_UNAVAILABLE` where PostgreSQL does not answer */
  async check(): Promise<void> {
    await sql`select 1`.execute(this.sql);
  }

  async close(): Promise<void> {
    await this.sql.destroy();
  }
}

/** Opens a pool; nothing is connected yet. */
export function openDatabase(options: DatabaseOptions): Database {
  const { login, poolMax, statementTimeoutMs = STATEMENT_TIMEOUT_MS, onState } = options;
  const pool = new Pool({
    ...login,
    max: poolMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs === 0 ? undefined : statementTimeoutMs + NETWORK_MARGIN_MS,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    application_name: "terrace-gateway",
    keepAlive: true,
    types: { getTypeParser: typeParser },
  });
  const database = new Database({ connect: () => pool.connect(), end: () => pool.end() }, onState);
  // An idle connection that dies is replaced with the next query, which also shows whether PostgreSQL is back.
  pool.on("error", () => {});
  return database;
}

/** A day is a day: as a `Date` it would be another one west of here. */
const typeParser: typeof types.getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === types.builtins.DATE ? (value: string) => value : types.getTypeParser(oid, format);
