/** Dependency-cruiser over a tree of files, with this repository's rules. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

const ROOT = join(__dirname, "..", "..");
const CONFIGURATION = [".dependency-cruiser.cjs", "tsconfig.check.json", "tsconfig.base.json"];

const report = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

export interface ImportViolation {
  readonly from: string;
  readonly to: string;
  readonly rule: string;
}

/** Sources by path. An import of a relative path that no source has finds an empty file there. */
export type Tree = Readonly<Record<string, string>>;

/** Every import of the tree that breaks a rule of `.dependency-cruiser.cjs`. */
export function cruise(tree: Tree): readonly ImportViolation[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "terrace-imports-")));
  try {
    for (const file of CONFIGURATION) copyFileSync(join(ROOT, file), join(folder, file));
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [path, source] of Object.entries(tree)) {
      write(join(folder, path), source);
      for (const [, specifier = ""] of source.matchAll(/"(\.[^"]*)"/g)) {
        const target = join(folder, dirname(path), `${specifier}.ts`);
        if (!existsSync(target)) write(target, "export {};\n");
      }
    }
    const rooms = [...new Set(Object.keys(tree).map((path) => path.split("/")[0] ?? path))];
    const bin = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const options = ["--config", ".dependency-cruiser.cjs", "--output-type", "json"];
    const { stdout, stderr } = spawnSync(process.execPath, [bin, ...options, ...rooms], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (!stdout.startsWith("{")) throw new Error(stderr);
    const { violations } = report.parse(JSON.parse(stdout)).summary;
    return violations.map(({ from, to, rule }) => ({ from, to, rule: rule.name }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
