import { ConfigError, readConfig } from "./config/config";
import { serve } from "./gateway/serve";
import { BACKUP_USAGE, backupCommand } from "./jobs/backup/backup-command";
import { migrateCommand } from "./jobs/migrate-command";
import { WATCHDOG_USAGE, watchdogCommand } from "./jobs/watchdog/watchdog-command";

const USAGE = `Usage: terrace-app            serve
       terrace-app migrate    bring PostgreSQL to this release's schema
       ${BACKUP_USAGE.join("\n       ")}
       ${WATCHDOG_USAGE}`;

/** The arguments are none that any command takes. */
const MISUSED = 2;

const configuration = () => readConfig(process.env);

/** Serves, or runs a command and ends with its exit code. */
async function run([command, ...rest]: readonly string[]): Promise<void> {
  if (command === undefined) return serve(configuration());
  if (command === "migrate" && rest.length === 0) {
    process.exitCode = await migrateCommand(configuration(), console.log);
  } else if (command === "backup") {
    process.exitCode = await backupCommand(rest, configuration, console.log);
  } else if (command === "watchdog") {
    process.exitCode = await watchdogCommand(rest, configuration, console.log);
  } else {
    console.error(USAGE);
    process.exitCode = MISUSED;
  }
}

/** A wrong configuration ends the process with code 2 and a line for each mistake, before anything listens. */
function exitIfMisconfigured(thrown: unknown): never {
  if (!(thrown instanceof ConfigError)) throw thrown;
  for (const problem of thrown.problems) console.error(problem);
  process.exit(MISUSED);
}

run(process.argv.slice(2)).catch(exitIfMisconfigured);
