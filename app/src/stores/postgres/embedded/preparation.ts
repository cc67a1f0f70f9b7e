import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf } from "../../../shared/errors/message-of";
import { embeddedBinaries, type PostgresBinaries } from "./binaries";
import { type ServerAccount, serverAccount } from "./server-account";

/** What the embedded PostgreSQL runs with here, or why it cannot. */
export type Preparation =
  | { readonly binaries: PostgresBinaries; readonly account: ServerAccount | undefined }
  | { readonly obstacle: string };

/** Finds the programs, and the account that root lends them. */
export function prepareEmbeddedPostgres(dataDir: string, onProgress: (line: string) => void): Preparation {
  const binaries = embeddedBinaries();
  if (binaries === undefined) return { obstacle: "the embedded PostgreSQL is not installed here" };
  try {
    const account = serverAccount(onProgress);
    const barred =
      account && [binaries.postgres, resolve(dataDir)].map((path) => barredFolder(path, account)).find(Boolean);
    if (barred === undefined) return { binaries, account };
    return { obstacle: `PostgreSQL does not run as root, and its own account may not enter ${barred}` };
  } catch (thrown) {
    return { obstacle: `PostgreSQL does not run as root, and has no account here (${messageOf(thrown)})` };
  }
}

/** The outermost folder on the way to a path that the account may not enter. What does not exist yet is no obstacle. */
export function barredFolder(path: string, account: ServerAccount): string | undefined {
  const folder = dirname(path);
  const outer = folder === path ? undefined : barredFolder(folder, account);
  if (outer !== undefined) return outer;
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return undefined;
  return stat.mode & enterBit(stat, account) ? undefined : folder;
}

function enterBit({ uid, gid }: ServerAccount, account: ServerAccount): number {
  if (uid === account.uid) return 0o100;
  return gid === account.gid ? 0o010 : 0o001;
}
