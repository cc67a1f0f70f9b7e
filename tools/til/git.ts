import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as readText } from "node:stream/consumers";

/** An error that the user can correct: printed as one line, without a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/**
 * The repository is somebody's, its configuration too: nothing that it names is run, whether a pager, a differ, a
 * converter, a watcher or a signature's checker.
 */
const SAFE = [
  "--no-pager",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "log.showSignature=false",
  "-c",
  "core.quotePath=false",
];

export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether output beyond the limit was thrown away. */
  readonly cut: boolean;
}

/**
 * Runs git in a folder. What it prints beyond `maxBytes` is thrown away and git ended.
 * @throws UserError where git is not installed
 */
export async function git(folder: string, args: readonly string[], maxBytes: number): Promise<GitOutput> {
  const child = spawn("git", ["-C", folder, ...SAFE, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
  });
  const ended = once(child, "close");
  const stderr = readText(child.stderr);
  const parts: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  child.stdout.on("data", (part: Buffer) => {
    if (cut) return;
    bytes += part.length;
    parts.push(part);
    if (bytes <= maxBytes) return;
    cut = true;
    child.kill();
  });
  try {
    const [code]: unknown[] = await ended;
    const stdout = Buffer.concat(parts).subarray(0, maxBytes).toString("utf8");
    return { code: cut ? 0 : Number(code ?? 1), stdout, stderr: await stderr, cut };
  } catch (thrown) {
    throw new UserError(`git could not be run: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}
