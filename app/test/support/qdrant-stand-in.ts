import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { QdrantServer } from "./qdrant-server";

const HERE = join(__dirname, "qdrant-stand-in");
const REQUIREMENTS = join(HERE, "requirements.txt");

/** Says why the stand-in cannot run. */
function refuse(why: string): undefined {
  if (process.env.TERRACE_REQUIRE_TOOLS === "1") {
    throw new Error(`${why}, and TERRACE_REQUIRE_TOOLS=1 requires Qdrant's stand-in`);
  }
  process.stderr.write(`did not run: checks against Qdrant's stand-in; ${why}\n`);
  return undefined;
}

/**
 * A Python that has Qdrant's client: the one on the PATH, or one in an environment of its own in the system's temporary
 * folder, made on the first call (8 s) and kept. Undefined, with a line about the reason, where neither can be had.
 */
function pythonWithQdrant(): string | undefined {
  if (spawnSync("python3", ["-c", "import qdrant_client"]).status === 0) return "python3";
  const pins = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const kept = join(tmpdir(), `terrace-qdrant-stand-in-${pins}`);
  const python = join(kept, "bin", "python");
  if (existsSync(python)) return python;
  // Made under another name, so that one that was interrupted is never taken for whole.
  const made = `${kept}.${process.pid}`;
  for (const [program, ...args] of [
    ["python3", "-m", "venv", made],
    [join(made, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS],
  ]) {
    if (program === undefined) continue;
    const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
    if (status === 0) continue;
    rmSync(made, { recursive: true, force: true });
    return refuse(`${program} ${args.join(" ")} failed: ${error?.message ?? stderr.trim().split("\n").at(-1)}`);
  }
  try {
    renameSync(made, kept);
  } catch {
    // Another test file made it in the meantime.
    rmSync(made, { recursive: true, force: true });
  }
  return python;
}

export interface StandInOptions {
  /** @default none is required */
  readonly apiKey?: string;
  /** Nodes of the cluster that it describes. @default 1 */
  readonly nodes?: number;
}

/** The stand-in, where it can run: `start` gives an empty one on a free port. See `qdrant-stand-in/server.py` for what it is and is not. */
export function qdrantStandIn() {
  const python = pythonWithQdrant();
  return python === undefined ? undefined : (options: StandInOptions) => start(python, options);
}

async function start(python: string, options: StandInOptions): Promise<QdrantServer> {
  const args = options.apiKey === undefined ? [] : [options.apiKey];
  const child = spawn(python, [join(HERE, "server.py"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, STAND_IN_NODES: String(options.nodes ?? 1) },
  });
  const ended = once(child, "close");
  const first = once(createInterface(child.stdout), "line");
  const [line]: unknown[] = await Promise.race([first, ended]);
  const port = /^listening on (\d+)$/.exec(String(line))?.[1];
  if (port === undefined) throw new Error(`Qdrant's stand-in did not start: ${line}`);
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: options.apiKey,
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
