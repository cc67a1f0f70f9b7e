import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VARIABLES } from "../app/src/config/config";
import { LOCAL_TOKEN_FILE } from "../app/src/contract/service-token";
import { isLoopback } from "../app/src/shared/loopback";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The bearer token for a gateway: `TERRACE_TOKEN`, or that of the developer's gateway which runs here. The latter is sent to
 * this machine alone.
 */
export function tokenFor(url: string, env: Environment): string | undefined {
  if (env.TERRACE_TOKEN) return env.TERRACE_TOKEN;
  if (!isLoopback(new URL(url).hostname)) return undefined;
  const { name, schema } = VARIABLES.dataDir;
  try {
    return readFileSync(join(schema.parse(env[name] || undefined), LOCAL_TOKEN_FILE), "utf8").trim();
  } catch {
    // A gateway with configured tokens has no such file.
    return undefined;
  }
}
