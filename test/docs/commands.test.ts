import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { projectFiles, readProjectFile } from "./files";

const manifest = z.object({
  name: z.string(),
  scripts: z.record(z.string(), z.string()).default({}),
  workspaces: z.array(z.string()).default([]),
});
const read = (path: string) => manifest.parse(JSON.parse(readProjectFile(path)));
const scripts = (path: string) => new Set(Object.keys(read(path).scripts));
const ROOT = scripts("package.json");
const APP = scripts("app/package.json");

const WORKSPACE_NAMES = read("package.json").workspaces.map((folder) => read(`${folder}/package.json`).name);

/** Workspaces that a text gives npm by anything but their name: a folder also selects every workspace below it. */
function workspacesByFolder(text: string): readonly string[] {
  const given = [...text.matchAll(/(?:\s-w|--workspace)[ =",]+([@\w/-]+)/g)].map(([, workspace = ""]) => workspace);
  return given.filter((workspace) => !WORKSPACE_NAMES.includes(workspace));
}

/** Scripts that a page runs by npm and that no manifest has. */
function unknownScripts(text: string): readonly string[] {
  return [...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)([^\n`]*)/g)].flatMap(([, name = "", rest = ""]) => {
    const known = /(?:-w|--workspace) @terrace\/app\b/.test(rest) ? APP : ROOT;
    return known.has(name) ? [] : [name];
  });
}

describe("commands on Markdown pages", () => {
  it.each(projectFiles().filter((path) => path.endsWith(".md")))("%s runs scripts that exist", (page) => {
    expect(unknownScripts(readProjectFile(page))).toEqual([]);
  });

  it("is unknown where neither manifest has it", () => {
    const page =
      "`npm run plan -- demo`, `npm run no-such`, npm run --silent simulator -w @terrace/app\nnpm run plan -w @terrace/app";
    expect(unknownScripts(page)).toEqual(["no-such", "plan"]);
  });
});

/** Helm's commands on a release that find none where Terraform made it: its provider keeps releases in ConfigMaps. */
function withoutDriver(text: string): readonly string[] {
  const command =
    /(?<!HELM_DRIVER=configmap )\bhelm (?:-\S+ (?:[a-z]\S* )?)*(?:get|history|list|ls|rollback|status|test|uninstall|upgrade)\b/g;
  return [...text.matchAll(command)].map(([line]) => line);
}

describe("helm on command lines", () => {
  const files = projectFiles().filter((path) => /^(?:docs|charts|\.ci|\.github)\/|^[^/]+\.md$/.test(path));

  it("reads releases where Terraform keeps them, on every page and in every chart", () => {
    const wrong = files.flatMap((path) => withoutDriver(readProjectFile(path)).map((line) => `${path}: ${line}`));
    expect(wrong).toEqual([]);
  });

  it("is found where it would answer that there is no release", () => {
    const page =
      "`helm test llm`, helm -n platform --debug list, HELM_DRIVER=configmap helm -n platform list, helm pull x";
    expect(withoutDriver(page)).toEqual(["helm test", "helm -n platform --debug list"]);
  });
});

describe("workspaces on command lines", () => {
  const files = projectFiles().filter((path) => /\.(md|json|ts|cjs|mjs|ya?ml)$|Dockerfile$|^\.ci\//.test(path));

  it("are given by name in every file", () => {
    const wrong = files
      .filter((path) => path !== "test/docs/commands.test.ts")
      .flatMap((path) => workspacesByFolder(readProjectFile(path)).map((workspace) => `${path}: ${workspace}`));
    expect(wrong).toEqual([]);
  });

  it("are found where a folder is given", () => {
    expect(workspacesByFolder('npm start -w app; spawn("npm", ["--workspace", "app/simulator"])')).toEqual([
      "app",
      "app/simulator",
    ]);
    expect(workspacesByFolder("npm start -w @terrace/app")).toEqual([]);
  });
});
