/** The repository's own TypeScript. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const REPOSITORY = join(__dirname, "..", "..");

/** A source file with its text. */
export interface SourceFile {
  /** Path from the repository's root, such as `stacks/edge.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file that git tracks or would add. */
export function sourceFiles(): readonly SourceFile[] {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"];
  const paths = execFileSync("git", list, { cwd: REPOSITORY, encoding: "utf8" }).split("\n");
  return [...new Set(paths)]
    .filter((path) => path !== "" && existsSync(join(REPOSITORY, path)))
    .map((path) => ({ path, text: readFileSync(join(REPOSITORY, path), "utf8") }));
}
