import { ConfigError, readConfig } from "./config/config";
import { serve } from "./serve";
import { migrateCommand } from "./stores/postgres/migrate-command";

const USAGE = `Usage: terrace-app            serve
       terrace-app migrate    bring PostgreSQL to this release's schema`;

async function run([command, ...rest]: readonly string[]): Promise<void> {
  if (command === undefined) return serve(readConfig(process.env));
  if (command === "migrate" && rest.length === 0) {
    process.exitCode = await migrateCommand(readConfig(process.env), console.log);
    return;
  }
  console.error(USAGE);
  process.exitCode = 2;
}

/** A wrong configuration ends the process with code 2 and a line for each mistake, before anything listens. */
function exitIfMisconfigured(thrown: unknown): never {
  if (!(thrown instanceof ConfigError)) throw thrown;
  for (const problem of thrown.problems) console.error(problem);
  process.exit(2);
}

run(process.argv.slice(2)).catch(exitIfMisconfigured);
