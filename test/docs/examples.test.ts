import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { EXAMPLES, examplesFile, examplesOf, scopeNames } from "./examples";
import { projectFiles, readProjectFile } from "./files";

const ROOT = join(__dirname, "..", "..");
const COMPILER = join(ROOT, "node_modules/typescript-native/bin/tsc");
const scope = scopeNames(readProjectFile("test/docs/example-scope.ts"));

/** Files of examples by the path of their module, without its ending. */
function exampleFiles(): ReadonlyMap<string, string> {
  const modules = projectFiles().filter((path) => path.endsWith(".ts") && !path.startsWith("test/docs/"));
  const files = modules.flatMap((path) => {
    const file = examplesFile(path, readProjectFile(path), scope);
    return file === undefined ? [] : [[path.replace(/\.ts$/, ""), file] as const];
  });
  return new Map(files);
}

/** What the compiler says about examples, each with the place in its module. */
function errorsOf(files: ReadonlyMap<string, string>): readonly string[] {
  const folder = join(ROOT, EXAMPLES);
  rmSync(folder, { recursive: true, force: true });
  for (const [module, text] of files) {
    mkdirSync(join(folder, dirname(module)), { recursive: true });
    writeFileSync(join(folder, `${module}.example.ts`), text);
  }
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: { noEmit: true, rootDirs: ["../..", "."] },
    include: ["**/*.example.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [COMPILER, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.includes("error TS"))
    .map((line) => line.replace(/^(?:.*\/)?\.build\/examples\//, "").replace(".example.ts(", ".ts("));
}

describe("examples in doc comments", () => {
  const files = exampleFiles();

  it("compile, with what their modules import and export", () => {
    expect(files.size).toBeGreaterThan(60);
    expect(errorsOf(files)).toEqual([]);
  });

  it("do not compile with a property that is gone or missing", () => {
    const module = "constructs/network/vpc";
    const planted = readProjectFile(`${module}.ts`).replace('(this, "vpc", { name:', '(this, "vpc", { nme:');
    const file = examplesFile(`${module}.ts`, planted, scope) ?? "";
    expect(errorsOf(new Map([[module, file]]))).toEqual([expect.stringContaining("constructs/network/vpc.ts(")]);
  });
});

describe(examplesOf, () => {
  it("returns the lines up to the next tag, with where they begin", () => {
    const source = "/**\n * A sum.\n * @example\n * add(1,\n *   2);\n * @param a first\n */\nexport function add() {}";
    expect(examplesOf(source)).toEqual([{ line: 3, code: ["add(1,", "  2);"] }]);
  });

  it("returns what is in TypeScript fences alone", () => {
    const source = "/**\n * @example\n * ```sh\n * npm start\n * ```\n * ```ts\n * add(1);\n * ```\n */";
    expect(examplesOf(source)).toEqual([{ line: 2, code: ["", "", "", "", "add(1);", ""] }]);
    expect(examplesOf("/**\n * @example\n * ```sh\n * npm start\n * ```\n */")).toEqual([]);
  });
});
