import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Standard output of a program. @throws with its standard error where it fails */
export async function standardOutput(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** Runs a long program, its progress on standard error. @throws where it fails */
export async function runWithProgress(program: string, args: readonly string[], label: string): Promise<void> {
  const started = Date.now();
  const say = (line: string) =>
    process.stderr.write(`${label} (${Math.round((Date.now() - started) / 1000)} s): ${line}\n`);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let tail = "";
  let lastSaid = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-4_000);
      if (Date.now() - lastSaid < 5_000) return;
      lastSaid = Date.now();
      say(text.trim().split("\n").at(-1) ?? "");
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${tail}`);
  say("done");
}
