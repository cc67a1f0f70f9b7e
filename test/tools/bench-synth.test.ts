import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { median } from "../../reporting/median";
import { floorProgram, submodulesOf } from "../../tools/bench-synth/floor";
import { measure } from "../../tools/bench-synth/measure";
import { countsByType } from "../support/stack-view";
import { readEnvironment } from "../support/synthesized";

const OUT = join(__dirname, "..", "..", "out");
let folder = "";
beforeAll(() => {
  // Within the repository, because the program must find cdktf.
  mkdirSync(OUT, { recursive: true });
  folder = mkdtempSync(join(OUT, "bench-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (line: string) => ({ line, cwd: folder, variables: {} });

describe("floorProgram", () => {
  it("emits the given numbers of stacks and resources", () => {
    const submodules = ["@cdktf/provider-google/lib/compute-network"];
    writeFileSync(join(folder, "floor.js"), floorProgram({ submodules, resourcesByStack: [3, 1] }));
    execFileSync("node", ["floor.js"], { cwd: folder });
    const { stacks } = readEnvironment("floor", join(folder, "cdktf.out"));
    expect(stacks.map(({ config }) => countsByType(config))).toEqual([
      { google_project_service: 3 },
      { google_project_service: 1 },
    ]);
  });

  it("loads each provider submodule that compiled code loads, once", () => {
    const compiled = join(folder, "build", "constructs");
    mkdirSync(compiled, { recursive: true });
    const load = (name: string) => `const x = require("@cdktf/provider-google/lib/${name}");`;
    writeFileSync(join(compiled, "a.js"), [load("compute-network"), load("compute-disk")].join("\n"));
    writeFileSync(join(compiled, "b.js"), [load("compute-disk"), 'require("cdktf");'].join("\n"));
    expect(submodulesOf(join(folder, "build"))).toEqual([
      "@cdktf/provider-google/lib/compute-disk",
      "@cdktf/provider-google/lib/compute-network",
    ]);
  });
});

describe("measure", () => {
  it("reports the largest process of the tree, not only the shell", async () => {
    const allocate = `node -e 'const b = Buffer.alloc(300e6, 1); setTimeout(() => b.length, 100)'`;
    const { megabytes, seconds } = await measure(command(`true && ${allocate}`));
    expect(megabytes).toBeGreaterThan(300);
    expect(seconds).toBeGreaterThan(0.1);
  });

  it("throws the command's output where it fails", async () => {
    await expect(measure(command("echo no such stack >&2; exit 3"))).rejects.toThrow("ended with 3: no such stack");
  });
});

it("median returns the middle value, or the mean of the middle two", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
});
