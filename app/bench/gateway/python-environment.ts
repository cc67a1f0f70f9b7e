import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * A virtual environment with the packages of a requirements file, installed by pip the first time and kept in the
 * user's cache folder under the hash of that file.
 * @returns the environment's folder of programs
 * @throws Error where Python or the packages cannot be had
 */
export async function pythonEnvironment(requirementsFile: string): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(requirementsFile)).digest("hex").slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(cache, "terrace", `fastapi-peer-${hash}`);
  const complete = join(folder, "complete");
  const programs = join(folder, "bin");
  if (existsSync(complete)) return programs;
  rmSync(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder]);
  await run(join(programs, "pip"), ["install", "--quiet", "--disable-pip-version-check", "-r", requirementsFile]);
  writeFileSync(complete, "");
  return programs;
}
