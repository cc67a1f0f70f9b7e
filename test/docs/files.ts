import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
/** What git ignores. */
const IGNORED = new Set(["node_modules", "cdktf.out", "out", "dist", "coverage"]);
const HIDDEN = new Set([".github", ".ci"]);

/** Paths of the project's files, relative to its root, in order. */
export function projectFiles(folder = ""): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    const ours = !IGNORED.has(entry.name) && (!entry.name.startsWith(".") || HIDDEN.has(entry.name));
    return entry.isDirectory() && ours ? projectFiles(path) : [];
  });
}

export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
