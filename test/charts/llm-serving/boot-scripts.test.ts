import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import { CHART } from "./helm";

const BOOT = join(__dirname, "../../../boot");
/** Scripts of VMs that pods run too. */
const SHARED = ["adapters.sh", "metadata.sh", "model-state.sh", "models.sh", "retry.sh", "storage.sh"];

function linksIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => lstatSync(join(folder, path)).isSymbolicLink())
    .sort();
}

describe("boot/", () => {
  it("links the scripts that pods run too, and copies none", () => {
    expect(linksIn(BOOT)).toEqual(SHARED);
    for (const script of SHARED) {
      expect(readlinkSync(join(BOOT, script))).toBe(`../charts/llm-serving/files/${script}`);
    }
  });
});

describe("charts/llm-serving", () => {
  it("holds no link, which cdktn would copy as a link beside a synthesized stack", () => {
    expect(linksIn(CHART)).toEqual([]);
  });
});

describeWith(["helm", "tar"], "helm package", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "terrace-chart-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("puts the scripts of boot/ into the archive", () => {
    const run = (program: string, args: readonly string[]) => {
      const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    };
    run("helm", ["package", CHART, "--destination", folder, "--version", "1.2.3"]);
    run("tar", ["-xzf", join(folder, "llm-serving-1.2.3.tgz"), "-C", folder]);
    for (const script of SHARED) {
      const packed = readFileSync(join(folder, "llm-serving/files", script), "utf8");
      expect({ script, packed }).toEqual({ script, packed: readFileSync(join(BOOT, script), "utf8") });
    }
  });
});
