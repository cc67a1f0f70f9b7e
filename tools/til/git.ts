import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as readText } from "node:stream/consumers";

/** An error that the user can correct: printed without a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

export interface GitCall {
  /** Working directory. */
  readonly folder: string;
  readonly args: readonly string[];
  /** The whole environment of git: `finding` or `reading` of git-environment.ts. */
  readonly environment: NodeJS.ProcessEnv;
  /** Bytes of its output that are kept. @default 64 KiB */
  readonly maxBytes?: number;
}

const SHORT_OUTPUT_BYTES = 64 * 1024;

export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether output beyond the limit was thrown away. */
  readonly cut: boolean;
}

/**
 * Every call of git. What it prints beyond `maxBytes` is thrown away and git ended.
 * @throws UserError where git is not installed
 */
export async function git({ folder, args, environment, maxBytes = SHORT_OUTPUT_BYTES }: GitCall): Promise<GitOutput> {
  const child = spawn("git", ["-C", folder, ...args], { stdio: ["ignore", "pipe", "pipe"], env: environment });
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

/** What git said on standard error, without its prefix. */
export function gitWords({ stderr }: GitOutput): string {
  return stderr.trim().replace(/^fatal: /, "") || "git failed without a word";
}
