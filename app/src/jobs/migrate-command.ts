import { type Config, ConfigError } from "../config/config";
import { ENV } from "../contract/variables";
import { wholeMessageOf } from "../shared/errors/message-of";
import { openDatabase } from "../stores/postgres/database";
import { postgresAddress, postgresLogin } from "../stores/postgres/login";
import { migrate } from "../stores/postgres/migrator";
import { untilItAnswers } from "../stores/postgres/open-postgres";

/** Nothing to do, or done. */
const DONE = 0;
/** A step failed; nothing was changed. */
const FAILED = 1;
/** The configuration does not let it start. */
const MISCONFIGURED = 2;

/**
 * `terrace-app migrate`: brings the configured PostgreSQL to this release's schema. Waits for the server, and for a
 * migrator that runs already.
 * @returns the exit code
 */
export async function migrateCommand(config: Config, print: (line: string) => void): Promise<number> {
  const { stores, metadataUrl } = config;
  const { databaseUrl } = stores;
  if (databaseUrl === undefined) {
    print(`Nothing to migrate: ${ENV.databaseUrl} is not set, and the embedded PostgreSQL migrates itself.`);
    return MISCONFIGURED;
  }
  const address = postgresAddress(databaseUrl);
  try {
    // One step may take long on a large table.
    const database = openDatabase({
      login: postgresLogin({ ...stores, databaseUrl, metadataUrl }),
      poolMax: 2,
      statementTimeoutMs: 0,
    });
    try {
      await untilItAnswers(database, address, { onProgress: print });
      const ran = await migrate(database.sql, { onStep: (name) => print(`${address}: ${name}`) });
      print(ran.length === 0 ? `${address} is up to date.` : `${address} is up to date now: ${ran.length} steps ran.`);
      return DONE;
    } finally {
      await database.close();
    }
  } catch (thrown) {
    if (thrown instanceof ConfigError) {
      for (const problem of thrown.problems) print(problem);
      return MISCONFIGURED;
    }
    print(`${address}: ${wholeMessageOf(thrown)}`);
    return FAILED;
  }
}
