/** Prometheus' own checker, over files that are written for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../../testing/programs";

export type Files = Readonly<Record<string, string>>;

export interface PromtoolResult {
  readonly status: number | null;
  readonly output: string;
}

function inFolder(files: Readonly<Record<string, Files>>, run: (folder: string) => PromtoolResult): PromtoolResult {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    for (const [name, contents] of Object.entries(files)) {
      mkdirSync(join(folder, name));
      for (const [file, text] of Object.entries(contents)) writeFileSync(join(folder, name, file), text);
    }
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `promtool check rules`, over all of them at once. */
export function checkRules(rules: Files): PromtoolResult {
  return inFolder({ rules }, (folder) =>
    runTool("promtool", ["check", "rules", ...Object.keys(rules).map((file) => join(folder, "rules", file))]),
  );
}

/** `promtool test rules`, over all of them at once. */
export function testRules(rules: Files, tests: Files): PromtoolResult {
  return inFolder({ rules, tests }, (folder) =>
    runTool("promtool", ["test", "rules", ...Object.keys(tests).map((file) => join(folder, "tests", file))]),
  );
}
