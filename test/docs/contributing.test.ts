import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { readProjectFile } from "./files";

const ROOT = join(__dirname, "..", "..");

/** Paths in backticks: with a folder, and an ending or a slash behind it. */
function paths(text: string): readonly string[] {
  return [...text.matchAll(/`((?:\.?[\w<>-]+\/)+(?:[\w<>.-]+\.\w+)?)`/g)].map(([, path = ""]) => path);
}

/** For a file that a recipe makes, the folder that it is made in. */
function wanted(path: string): string {
  return path.includes("<") ? dirname(path.slice(0, path.indexOf("<") + 1)) : path;
}

describe("CONTRIBUTING.md", () => {
  const named = paths(readProjectFile("CONTRIBUTING.md"));

  it("names files and folders that exist", () => {
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(join(ROOT, wanted(path))))).toEqual([]);
  });

  it("is searched for paths, of which a new file counts by its folder", () => {
    expect(paths("`planning/gpus.ts`, `app/src/tasks/<name>/route.ts`, `a/b`, `constructs/`")).toEqual([
      "planning/gpus.ts",
      "app/src/tasks/<name>/route.ts",
      "constructs/",
    ]);
    expect(wanted("app/src/tasks/<name>/route.ts")).toBe("app/src/tasks");
    expect(wanted("docs/runbooks/<name>.md")).toBe("docs/runbooks");
  });
});
