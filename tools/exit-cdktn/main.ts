/**
 * `npm run exit:cdktn`: proves that the way out of the archived CDKTF stays open (docs/adr/0001). Installs the
 * community fork under cdktf's name in a folder of its own, synthesizes there, and compares every stack.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { runSynthesis, synthesizedStacks } from "../synthesis";

const ROOT = join(__dirname, "../..");
/** The fork's stable release whose `constructs` range holds ours. */
const FORK = "npm:cdktn@0.24.0";
/** What a synthesis reads. */
const SOURCES = [
  "main.ts",
  "settings",
  "environment",
  "planning",
  "observability",
  "constructs",
  "stacks",
  "charts",
  "boot",
  "tools/synth.cjs",
  "tools/code-cache.cjs",
  "app/src/contract",
  "tsconfig.json",
  "tsconfig.base.json",
  "cdktf.json",
];

const packageJson = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

/** A package.json that installs what a synthesis needs, with the fork in cdktf's place. */
function packageWithFork(): string {
  const { dependencies, devDependencies } = packageJson.parse(
    JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")),
  );
  const compiler = {
    "typescript-native": devDependencies["typescript-native"],
    "@types/node": devDependencies["@types/node"],
  };
  const providers = Object.keys(dependencies).filter((name) => name.startsWith("@cdktf/provider-"));
  return JSON.stringify({
    private: true,
    dependencies: { ...dependencies, ...compiler, cdktf: FORK },
    overrides: Object.fromEntries(providers.map((name) => [name, { cdktf: "$cdktf" }])),
  });
}

/** A stack's Terraform JSON without the comment that names the tool. */
function stackIn(folder: string, id: string): unknown {
  const stack: unknown = JSON.parse(readFileSync(join(folder, "cdktf.out/stacks", id, "cdk.tf.json"), "utf8"));
  return z
    .looseObject({ "//": z.unknown() })
    .transform(({ "//": _comment, ...rest }) => rest)
    .parse(stack);
}

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), "terrace-cdktn-"));
  try {
    const asTheyAre = { recursive: true, verbatimSymlinks: true };
    for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), asTheyAre);
    writeFileSync(join(folder, "package.json"), packageWithFork());
    console.log(`Installing ${FORK}...`);
    execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
    if (!runSynthesis(ROOT) || !runSynthesis(folder)) return 1;
    const ids = synthesizedStacks(ROOT).map(({ id }) => id);
    const different = ids.filter((id) => !isDeepStrictEqual(stackIn(ROOT, id), stackIn(folder, id)));
    for (const id of different) console.error(`${id} differs under ${FORK}`);
    console.log(`${ids.length - different.length} of ${ids.length} stacks are the same under ${FORK}`);
    return different.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main();
