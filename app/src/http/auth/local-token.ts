import { hash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Config, ConfigError } from "../../config/config";
import { EVERY_USER, LOCAL_TOKEN_FILE, type ServiceToken } from "../../contract/service-token";
import { ENV } from "../../contract/variables";
import { messageOf } from "../../shared/errors/message-of";
import { isLoopback } from "../../shared/loopback";

/** 256 bits: as many as its SHA-256 hash. */
const TOKEN_BYTES = 32;

/** The token of a gateway for this machine alone that was given none. */
export interface LocalToken {
  readonly text: string;
  /** Where it is kept; its owner alone can read it. */
  readonly file: string;
  /** What the gateway accepts. */
  readonly accepted: ServiceToken;
  /** Nothing was stored before this start, neither here nor in a configured store. */
  readonly firstStart: boolean;
}

/**
 * Makes or reads the token of a developer's gateway: one on a loopback host without configured tokens. It lies in the data folder,
 * so that programs on this machine find it and other accounts do not. Call it before a store is opened.
 * @returns undefined where tokens are configured, or other machines can connect
 * @throws ConfigError where it cannot be kept
 */
export function openLocalToken({
  host,
  serviceTokens,
  stores,
  retrieval,
}: Pick<Config, "host" | "serviceTokens" | "stores" | "retrieval">): LocalToken | undefined {
  if (serviceTokens.length > 0 || !isLoopback(host)) return undefined;
  const folder = resolve(stores.dataDir);
  const file = join(folder, LOCAL_TOKEN_FILE);
  const configured = stores.databaseUrl !== undefined || retrieval.qdrantUrl !== undefined;
  try {
    const empty = !existsSync(folder) || readdirSync(folder).length === 0;
    const text = existsSync(file) ? readFileSync(file, "utf8").trim() : makeToken(folder, file);
    const sha256 = hash("sha256", text, "hex");
    const accepted = { name: "local", role: "admin", users: [EVERY_USER], sha256 } as const;
    return { text, file, accepted, firstStart: empty && !configured };
  } catch (thrown) {
    throw new ConfigError([
      `${file}: ${messageOf(thrown)}; the token for this machine is kept there: set ${ENV.serviceTokens}, or ${ENV.dataDir} to a folder that can be written`,
    ]);
  }
}

function makeToken(folder: string, file: string): string {
  const text = randomBytes(TOKEN_BYTES).toString("base64url");
  // Others may pass through, as the embedded PostgreSQL of a root's gateway does.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
  return text;
}
