import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../src/config/config";
import { backupCommand } from "../../src/jobs/backup/backup-command";

/** Runs `terrace-app backup …` with exactly these variables. */
export function backup(environment: Readonly<Record<string, string>>, ...args: readonly string[]) {
  return watchedBackup(environment, args, () => {});
}

/** The same, with a callback for each line when it is printed. */
export async function watchedBackup(
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
  onLine: (line: string) => void,
) {
  const lines: string[] = [];
  const print = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  const code = await backupCommand(args, () => readConfig(environment), print);
  return { code, lines, text: lines.join("\n"), last: lines.at(-1) ?? "" };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(closers: (() => Promise<void>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "terrace-backup-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
