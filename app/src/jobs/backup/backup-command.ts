import { parseArgs } from "node:util";
import type { Config } from "../../config/config";
import { messageOf, wholeMessageOf } from "../../shared/errors/message-of";
import { EXIT, saidMisuse, UsageError } from "../command-result";
import { BackupError } from "./backup-error";
import { BACKUP_KINDS, type BackupKind } from "./backup-records";
import { type BackupRun, create, list, rehearse, restore, verify } from "./backup-runs";
import { openBackup } from "./open-backup";
import { openDestination } from "./open-destination";

/** What ends a job that took too long, and what a person ends it with. */
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Source: R-104. */
const KEEP_DAYS = 35;

export const BACKUP_USAGE = [
  "terrace-app backup create [--only KIND] [--keep-days N]",
  "terrace-app backup list",
  "terrace-app backup verify [ID]",
  "terrace-app backup restore [ID] --into-temp | --swap [--only KIND]",
  "terrace-app backup rehearse [ID] [--rto-seconds N]",
] as const;

const USAGE = `Usage: ${BACKUP_USAGE.join("\n       ")}
  ID           as list shows it (default: latest)
  --only       database or vectors (default: both)
  --keep-days  then delete what is older than so many days, never the last good backup (for example ${KEEP_DAYS})
  --into-temp  restore beside what is in use, compare, and leave it there
  --swap       then let it take the place of what is in use, which is kept until the next swap
  --rto-seconds  a rehearsal that takes longer has failed (default: 3600)`;

const OPTIONS = {
  only: { type: "string" },
  "keep-days": { type: "string" },
  "into-temp": { type: "boolean", default: false },
  swap: { type: "boolean", default: false },
  "rto-seconds": { type: "string", default: "3600" },
} as const;

/** `terrace-app backup …`. @returns the exit code: 0 done, 1 failed, 2 misused or not configured */
export async function backupCommand(
  args: readonly string[],
  configuration: () => Config,
  print: (line: string) => void,
): Promise<number> {
  const ended = new AbortController();
  // The first one lets it clean up after itself; the next one has its usual effect.
  const end = (name: NodeJS.Signals) => ended.abort(new BackupError(`ended by ${name}`));
  for (const name of SIGNALS) process.once(name, end);
  try {
    const run = parsed(args);
    const config = configuration();
    const open = (only?: BackupKind) => openBackup(config, print, only);
    await run({ destination: openDestination(config), print, open, signal: ended.signal });
    return EXIT.done;
  } catch (thrown) {
    if (saidMisuse(thrown, USAGE, print)) return EXIT.misused;
    print(`failed: ${thrown instanceof BackupError ? thrown.message : wholeMessageOf(thrown)}`);
    return EXIT.failed;
  } finally {
    for (const name of SIGNALS) process.off(name, end);
  }
}

/** What to do, before anything is opened. */
function parsed(args: readonly string[]): BackupRun {
  const [action = "", ...rest] = args;
  const { values, positionals } = read(rest);
  const [id = "latest", ...more] = positionals;
  if (more.length > 0) throw new UsageError(`What is ${more.join(" ")}?`);
  const only = kind(values.only);
  switch (action) {
    case "create":
      if (positionals.length > 0) throw new UsageError("create takes no ID");
      return create({ only, keepDays: whole("--keep-days", values["keep-days"]) });
    case "list":
      return list();
    case "verify":
      return verify(id);
    case "restore":
      if (!values.swap && !values["into-temp"]) throw new UsageError("restore wants --into-temp or --swap");
      return restore({ id, only, swap: values.swap });
    case "rehearse":
      return rehearse({ id, rtoSeconds: whole("--rto-seconds", values["rto-seconds"]) ?? 0 });
    default:
      throw new UsageError(action === "" ? "What shall backup do?" : `backup cannot ${action}`);
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (thrown) {
    throw new UsageError(messageOf(thrown));
  }
}

function kind(text: string | undefined) {
  if (text === undefined) return undefined;
  const found = BACKUP_KINDS.find((known) => known === text);
  if (found === undefined) throw new UsageError(`--only is ${BACKUP_KINDS.join(" or ")}, not ${text}`);
  return found;
}

function whole(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`${option} is a whole number above 0, not ${text}`);
  return Number(text);
}
