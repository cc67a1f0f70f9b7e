import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { Pool, type PoolConfig, types } from "pg";
import { StoreCircuit } from "../store-circuit";
import { PostgresStoreDriver } from "./driver";
import { RenewablePool, type RenewableSource } from "./renewable-pool";
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
  /** Milliseconds that one statement may take; 0 sets no limit, and waits for a PostgreSQL that hangs. @default 1500 */
  readonly statementTimeoutMs?: number | undefined;
  /** Called when a query finds PostgreSQL gone, and when one finds it back. */
  readonly onState?: (up: boolean) => void;
}

/**
 * Milliseconds. Every statement of the gateway reads or writes a few rows: what takes longer waits for a lock or is
 * wrong, and PostgreSQL cancels it. With the margin below it is the 1.8 s of R-107.
 */
const STATEMENT_TIMEOUT_MS = 1_500;
/** Milliseconds that the network may take on top of PostgreSQL's own limit before it counts as hanging. */
const NETWORK_MARGIN_MS = 300;
/** Milliseconds after which the pool gives a connection up that nobody waits for any more. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds after which a spare connection is given back: Cloud SQL counts them. */
const IDLE_TIMEOUT_MS = 60_000;
/** Seconds after which a connection is replaced, so that a failed-over address or a new token reaches all in time. */
const MAX_LIFETIME_SECONDS = 1_800;
/** PostgreSQL, by a pool of connections. */
export class Database {
  readonly sql: Sql;
  readonly #circuit: StoreCircuit | undefined;
  #up: boolean | undefined;

  /** @param deadlineMs milliseconds for a connection and a statement. @default none */
  constructor(source: RenewableSource, { deadlineMs, onState = () => {} }: DatabaseLimits = {}) {
    const changed = (up: boolean) => {
      if (up === this.#up) return;
      this.#up = up;
      onState(up);
    };
    const circuit = deadlineMs === undefined ? undefined : circuitOf(source, deadlineMs, changed);
    this.#circuit = circuit;
    this.sql = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new PostgresStoreDriver({ source, circuit, onState: changed }),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
  }

  /** Whether the last query reached PostgreSQL; `undefined` before the first. */
  get up(): boolean | undefined {
    return this.#up;
  }

  /** Whether PostgreSQL hangs, as far as is known: queries are refused without being sent. */
  get hangs(): boolean {
    return this.#circuit?.open === true;
  }

  /** @throws AppError `STORE_UNAVAILABLE` where PostgreSQL does not answer */
  async check(): Promise<void> {
    await sql`select 1`.execute(this.sql);
  }

  async close(): Promise<void> {
    await this.sql.destroy();
  }
}

interface DatabaseLimits {
  readonly deadlineMs?: number | undefined;
  readonly onState?: ((up: boolean) => void) | undefined;
}

function circuitOf(source: RenewableSource, deadlineMs: number, changed: (up: boolean) => void): StoreCircuit {
  return new StoreCircuit({
    store: "PostgreSQL",
    deadlineMs,
    async probe() {
      const client = await source.connect();
      await client.query("select 1").then(
        () => client.release(),
        (thrown: unknown) => {
          client.release(true);
          throw thrown;
        },
      );
    },
    onChange(open) {
      // Behind a broken network each idle connection would hang again.
      if (open) source.renew();
      changed(!open);
    },
  });
}

/** Opens a pool; nothing is connected yet. */
export function openDatabase(options: DatabaseOptions): Database {
  const { login, poolMax, statementTimeoutMs = STATEMENT_TIMEOUT_MS, onState } = options;
  const deadlineMs = statementTimeoutMs === 0 ? undefined : statementTimeoutMs + NETWORK_MARGIN_MS;
  const pool = new Pool({
    ...login,
    max: poolMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    application_name: "terrace-gateway",
    keepAlive: true,
    types: { getTypeParser: typeParser },
  });
  return new Database(new RenewablePool(pool), { deadlineMs, onState });
}

/** A day is a day: as a `Date` it would be another one west of here. */
const typeParser: typeof types.getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === types.builtins.DATE ? (value: string) => value : types.getTypeParser(oid, format);
