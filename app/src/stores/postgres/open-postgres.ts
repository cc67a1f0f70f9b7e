import { setTimeout as delay } from "node:timers/promises";
import { type Config, ConfigError } from "../../config/config";
import { ENV } from "../../contract/variables";
import { AppError } from "../../shared/errors/app-error";
import { messageOf } from "../../shared/errors/message-of";
import { claimDataFolder, type DataFolder } from "../data-folder";
import { absentDatabase } from "./absent-database";
import { type Database, openDatabase } from "./database";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres";
import { type Preparation, prepareEmbeddedPostgres } from "./embedded/preparation";
import { Supervisor } from "./embedded/supervisor";
import { postgresAddress, postgresLogin } from "./login";
import { migrate, schemaState } from "./migrator";

export interface OpenPostgresOptions {
  readonly stores: Config["stores"];
  readonly metadataUrl: string;
  readonly onProgress: (line: string) => void;
  readonly onState: (up: boolean) => void;
  /** Milliseconds that a configured server gets to come up. @default 60000 */
  readonly waitMs?: number;
  /** Milliseconds that one statement may take; 0 sets no limit. @default as {@link openDatabase} */
  readonly statementTimeoutMs?: number | undefined;
}

/** A database that is open, and what else goes with it. */
export interface OpenPostgres {
  readonly database: Database;
  readonly kind: "server" | "embedded" | "absent";
  close(): Promise<void>;
}

/**
 * Milliseconds. Twice what a failover of Cloud SQL takes at best; then the process ends, and its supervisor starts it
 * again.
 */
const WAIT_MS = 60_000;
const RETRY_MS = 1_000;
/** One line for so many seconds of waiting. */
const REPORT_EVERY = 10;

/**
 * Opens the configured PostgreSQL, or starts the embedded one and brings it to this release's schema. A configured one
 * is waited for, and never changed: its schema must have been migrated. Where the embedded one cannot run, as in the
 * image, the gateway works without a database: it generates, and keeps nothing.
 * @throws ConfigError where this release may not or cannot work with it, with what to do
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<OpenPostgres> {
  const { databaseUrl } = options.stores;
  return databaseUrl === undefined ? openEmbedded(options) : openServer(options, databaseUrl);
}

async function openServer(options: OpenPostgresOptions, databaseUrl: string): Promise<OpenPostgres> {
  const { stores, metadataUrl, onState, statementTimeoutMs } = options;
  const login = postgresLogin({ ...stores, databaseUrl, metadataUrl });
  const database = openDatabase({ login, poolMax: stores.databasePoolMax, onState, statementTimeoutMs });
  const address = postgresAddress(databaseUrl);
  try {
    await untilItAnswers(database, address, options);
    const { problem } = await schemaState(database.sql);
    if (problem !== undefined) {
      throw new ConfigError([
        `The database at ${address} does not suit: ${problem}. Bring it to this release: terrace-app migrate`,
      ]);
    }
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
  return { database, kind: "server", close: () => database.close() };
}

/** @throws ConfigError when the time is over */
export async function untilItAnswers(
  database: Database,
  address: string,
  { onProgress, waitMs = WAIT_MS }: Pick<OpenPostgresOptions, "onProgress" | "waitMs">,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await database.check();
      return;
    } catch (thrown) {
      const why = messageOf(thrown instanceof AppError ? thrown.cause : thrown);
      if (performance.now() + RETRY_MS > deadline) {
        throw new ConfigError([
          `PostgreSQL at ${address} did not answer within ${Math.round(waitMs / 1000)} s: ${why}`,
        ]);
      }
      if (attempt % REPORT_EVERY === 0) onProgress(`waiting for PostgreSQL at ${address}: ${why}`);
      await delay(RETRY_MS);
    }
  }
}

async function openEmbedded(options: OpenPostgresOptions): Promise<OpenPostgres> {
  const { stores, onProgress } = options;
  const preparation = prepareEmbeddedPostgres(stores.dataDir, onProgress);
  if ("obstacle" in preparation) {
    onProgress(`no database: ${preparation.obstacle}; set ${ENV.databaseUrl} to keep notes and adapters`);
    const database = absentDatabase();
    return { database, kind: "absent", close: () => database.close() };
  }
  const dataFolder = claimDataFolder(stores.dataDir);
  try {
    return await startAndMigrate(options, preparation, dataFolder);
  } catch (thrown) {
    dataFolder.release();
    throw thrown;
  }
}

async function startAndMigrate(
  { stores, onProgress, onState, statementTimeoutMs }: OpenPostgresOptions,
  programs: Exclude<Preparation, { readonly obstacle: string }>,
  dataFolder: DataFolder,
): Promise<OpenPostgres> {
  const poolMax = stores.databasePoolMax;
  const cluster = await startEmbeddedPostgres({ ...programs, dataFolder, poolMax, onProgress });
  const database = openDatabase({ login: cluster.login, poolMax, onState, statementTimeoutMs });
  const supervisor = new Supervisor(cluster, onProgress);
  const close = async () => {
    await database.close();
    await supervisor.stop();
    dataFolder.release();
  };
  // One step may take long on a large table.
  const migrating = openDatabase({ login: cluster.login, poolMax: 2, statementTimeoutMs: 0 });
  try {
    await migrate(migrating.sql);
  } catch (thrown) {
    await close();
    throw thrown;
  } finally {
    await migrating.close();
  }
  return { database, kind: "embedded", close };
}
