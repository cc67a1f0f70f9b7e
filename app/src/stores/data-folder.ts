import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError } from "../config/config";
import { ENV } from "../contract/variables";
import { errorCode } from "../shared/error-code";
import { messageOf } from "../shared/errors/message-of";
import { isAlive, startOf } from "./process-identity";

/** Who uses the folder: process id and start. */
const CLAIM = "gateway.pid";

/** A folder of embedded stores that this process alone uses. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Lets others use it. */
  release(): void;
}

/**
 * Makes the folder of the embedded stores and claims it for this process; a claim whose process is gone is taken over.
 * @throws ConfigError where another process uses it, or it cannot be written, with what to do
 */
export function claimDataFolder(dataDir: string): DataFolder {
  const path = resolve(dataDir);
  const claim = join(path, CLAIM);
  try {
    // Others may pass through, because root's PostgreSQL is another account; they cannot look around.
    mkdirSync(path, { recursive: true, mode: 0o711 });
    writeClaim(claim);
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    const why = messageOf(thrown);
    throw new ConfigError([
      `${ENV.dataDir}=${JSON.stringify(dataDir)}: ${why}; set ${ENV.dataDir} to a folder that can be written`,
    ]);
  }
  return { path, release: () => rmSync(claim, { force: true }) };
}

/** Two tries: the second after a stale claim was removed. */
function writeClaim(claim: string): void {
  for (const last of [false, true]) {
    try {
      writeFileSync(claim, `${process.pid} ${startOf(process.pid)}\n`, { flag: "wx", mode: 0o600 });
      return;
    } catch (thrown) {
      if (last || errorCode(thrown) !== "EEXIST") throw thrown;
    }
    const [pid = "", start = ""] = readFileSync(claim, "utf8").trim().split(" ");
    if (isAlive(Number(pid)) && startOf(Number(pid)) === start) {
      throw new ConfigError([
        `${claim}: process ${pid} uses this folder; stop it (kill ${pid}), or set ${ENV.dataDir} to another folder`,
      ]);
    }
    rmSync(claim, { force: true });
  }
}
