import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { projectFiles, readProjectFile } from "./files";

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });
const scripts = (path: string) => new Set(Object.keys(manifest.parse(JSON.parse(readProjectFile(path))).scripts));
const ROOT = scripts("package.json");
const APP = scripts("app/package.json");

/** Scripts that a page runs by npm and that no manifest has. */
function unknownScripts(text: string): readonly string[] {
  return [...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)([^\n`]*)/g)].flatMap(([, name = "", rest = ""]) => {
    const known = /(?:-w|--workspace) app\b/.test(rest) ? APP : ROOT;
    return known.has(name) ? [] : [name];
  });
}

describe("commands on Markdown pages", () => {
  it.each(projectFiles().filter((path) => path.endsWith(".md")))("%s runs scripts that exist", (page) => {
    expect(unknownScripts(readProjectFile(page))).toEqual([]);
  });

  it("is unknown where neither manifest has it", () => {
    const page = "`npm run plan -- demo`, `npm run no-such`, npm run --silent simulator -w app\nnpm run plan -w app";
    expect(unknownScripts(page)).toEqual(["no-such", "plan"]);
  });
});
