import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { z } from "zod";
import { projectFiles } from "../docs/files";

const ROOT = join(__dirname, "..", "..");
const update = z.object({
  "package-ecosystem": z.string(),
  directory: z.string().optional(),
  directories: z.array(z.string()).optional(),
  cooldown: z.record(z.string(), z.int()),
  groups: z.record(z.string(), z.unknown()),
  ignore: z.array(z.object({ "dependency-name": z.string() })).optional(),
});
const { updates } = z
  .object({ version: z.literal(2), updates: z.array(update) })
  .parse(load(readFileSync(join(ROOT, ".github/dependabot.yml"), "utf8")));

const of = (ecosystem: string) => updates.filter((one) => one["package-ecosystem"] === ecosystem);
const folders = (ecosystem: string) =>
  of(ecosystem).flatMap(({ directory, directories = [] }) => (directory === undefined ? directories : [directory]));

describe(".github/dependabot.yml", () => {
  it("lets every release rest for a week, and groups what it updates", () => {
    for (const { cooldown, groups } of updates) {
      expect(Math.min(...Object.values(cooldown))).toBeGreaterThanOrEqual(7);
      expect(cooldown["default-days"]).toBeDefined();
      expect(Object.keys(groups)).not.toEqual([]);
    }
  });

  it("gives actions the one cooldown that they support", () => {
    expect(of("github-actions").map(({ cooldown }) => Object.keys(cooldown))).toEqual([["default-days"]]);
  });

  it("covers every list of packages in the repository", () => {
    const lists = projectFiles().filter((path) => path.endsWith("/requirements.txt"));
    expect(lists).not.toEqual([]);
    expect([...folders("pip")].sort()).toEqual(lists.map((path) => `/${dirname(path)}`).sort());
    expect(folders("npm")).toEqual(["/"]);
    expect(existsSync(join(ROOT, "package-lock.json"))).toBe(true);
    expect(readdirSync(join(ROOT, ".github/workflows"))).not.toEqual([]);
    expect(folders("github-actions")).toEqual(["/"]);
  });

  it("leaves alone what is pinned for the way out of the archived CDKTF", () => {
    const ignored = of("npm").flatMap(({ ignore = [] }) => ignore.map((one) => one["dependency-name"]));
    expect(ignored).toEqual(expect.arrayContaining(["cdktf", "cdktf-cli", "@cdktf/*", "constructs"]));
  });
});
