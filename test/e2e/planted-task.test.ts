import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { plantedContractSource } from "../../testing/planted-contract";
import { projectFiles } from "../docs/files";

const ROOT = join(__dirname, "..", "..");
/** Below the root, so that packages are found. */
const COPY = join(ROOT, ".build", "planted-task");
const COMPILER = join(ROOT, "node_modules/typescript-native/bin/tsc");

/** Files that the compiler refuses in a copy of the project whose contract has one more task. */
function refusedFiles(): readonly string[] {
  rmSync(COPY, { recursive: true, force: true });
  for (const path of projectFiles().filter((file) => /\.(tsx?|json)$/.test(file))) {
    mkdirSync(join(COPY, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(COPY, path));
  }
  symlinkSync(join(ROOT, "app/node_modules"), join(COPY, "app/node_modules"));
  writeFileSync(join(COPY, "app/src/contract/tasks.ts"), plantedContractSource());
  const args = [COMPILER, "-p", "tsconfig.check.json", "--incremental", "false", "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: COPY, encoding: "utf8" });
  return [...new Set([...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, path = ""]) => path))];
}

describe("TASKS with a planted row", () => {
  afterAll(() => rmSync(COPY, { recursive: true, force: true }));

  it("compiles once these files, and no others, have the planted task", () => {
    expect(refusedFiles()).toEqual([
      "app/bench/bodies/worst-bodies.ts",
      "app/src/gateway/task-routes.ts",
      "app/test/support/bodies.ts",
      "settings/environments/demo.ts",
      "settings/environments/production.ts",
      "tools/load/errands.ts",
    ]);
  }, 300_000);
});
