import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupCommand } from "../../src/backup/backup-command";
import { readConfig } from "../../src/config/config";

/** Runs `terrace-app backup …` with exactly these variables. */
export async function backup(environment: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const lines: string[] = [];
  const code = await backupCommand(
    args,
    () => readConfig(environment),
    (line) => void lines.push(line),
  );
  return { code, lines, text: lines.join("\n"), last: lines.at(-1) ?? "" };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(closers: (() => Promise<void>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "terrace-backup-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
