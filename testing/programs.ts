import { spawnSync } from "node:child_process";
import { describe, it } from "@jest/globals";
import { installed } from "./installed";

/** What tests need that is no program of the PATH, such as a library. */
export interface Library {
  readonly name: string;
  readonly found: boolean;
}

/**
 * Whether the tests that use a program or a library can run. Without it one line reports that they did not; where
 * `TERRACE_REQUIRE_TOOLS=1`, as in CI, its absence is an error.
 */
export function canUse(tool: string | Library): boolean {
  const { name, found } = typeof tool === "string" ? { name: tool, found: installed(tool) } : tool;
  if (found) return true;
  if (process.env.TERRACE_REQUIRE_TOOLS === "1") {
    throw new Error(`${name} is not installed, and TERRACE_REQUIRE_TOOLS=1 requires it`);
  }
  process.stderr.write(`did not run: checks by ${name}, which is not installed\n`);
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
 * A suite that needs programs or libraries. Without one of them it is skipped and never entered: suites use their programs
 * while they collect their tests.
 * @param ready a further condition, evaluated once all are found
 */
export function describeWith(
  tools: readonly (string | Library)[],
  name: string,
  suite: () => void,
  ready = () => true,
): void {
  const missing = tools.filter((tool) => !canUse(tool));
  if (missing.length === 0 && ready()) describe(name, suite);
  else {
    const names = tools.map((tool) => (typeof tool === "string" ? tool : tool.name));
    describe.skip(name, () => it(`needs ${names.join(", ")}`, () => {}));
  }
}
