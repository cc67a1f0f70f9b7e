import { spawnSync } from "node:child_process";
import { describe, it } from "@jest/globals";
import { installed } from "./installed";

/**
 * Whether the tests that use a program can run. Without it one line reports that they did not; where
 * `TERRACE_REQUIRE_TOOLS=1`, as in CI, its absence is an error.
 */
export function canUse(program: string): boolean {
  return isThere(program, installed(program));
}

/** The same for what is no program of the PATH, such as a library. @param found whether it is there */
export function isThere(program: string, found: boolean): boolean {
  if (found) return true;
  if (process.env.TERRACE_REQUIRE_TOOLS === "1") {
    throw new Error(`${program} is not installed, and TERRACE_REQUIRE_TOOLS=1 requires it`);
  }
  process.stderr.write(`did not run: checks by ${program}, which is not installed\n`);
  return false;
}

/** Runs a program. */
export function runTool(
  program: string,
  args: readonly string[],
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

/**
 * A suite that needs programs. Without one of them it is skipped and never entered: suites use their programs while they
 * collect their tests.
 * @param ready a further condition, evaluated once the programs are found
 */
export function describeWith(programs: readonly string[], name: string, suite: () => void, ready = () => true): void {
  const missing = programs.filter((program) => !canUse(program));
  if (missing.length === 0 && ready()) describe(name, suite);
  else describe.skip(name, () => it(`needs ${programs.join(", ")}`, () => {}));
}
