import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";

const ROOT = join(__dirname, "../..");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
const programs = Object.entries(scripts).filter(([, command]) => command.startsWith("ts-node tools/"));

describe("tools/", () => {
  it.each(programs)("holds npm run %s in a folder of that name", (script, command) => {
    const main = `tools/${script.replaceAll(":", "-")}/main.ts`;
    expect(command).toBe(`ts-node ${main}`);
    expect(existsSync(join(ROOT, main))).toBe(true);
  });

  it("holds no folder that no script runs", () => {
    const folders = readdirSync(join(ROOT, "tools"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(
      programs.map(([script]) => script.replaceAll(":", "-")).sort(),
    );
  });
});
