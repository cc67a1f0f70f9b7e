import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { App, TerraformStack } from "cdktf";
import { OwnChartRelease } from "../../../constructs/gke/own-chart-release";
import { describeWith } from "../../../testing/programs";
import { CHART } from "./helm";

const BOOT = join(__dirname, "../../../boot");
const SHARED = ["adapters.sh", "metadata.sh", "model-state.sh", "models.sh", "retry.sh", "storage.sh"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terrace-chart-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The scripts of a copy of the chart, as regular files. */
function scriptsIn(chart: string): Readonly<Record<string, string>> {
  const read = (script: string) => {
    const path = join(chart, "files", script);
    if (!lstatSync(path).isFile()) throw new Error(`${path} is not a regular file`);
    return readFileSync(path, "utf8");
  };
  return Object.fromEntries(SHARED.map((script) => [script, read(script)]));
}

const expected = Object.fromEntries(SHARED.map((script) => [script, readFileSync(join(BOOT, script), "utf8")]));

describe("charts/llm-serving/files", () => {
  it("links the scripts that pods share with VMs to boot/ and copies none", () => {
    const scripts = readdirSync(join(CHART, "files")).filter((file) => file.endsWith(".sh"));
    const links = scripts.filter((script) => lstatSync(join(CHART, "files", script)).isSymbolicLink());
    expect(links.sort()).toEqual(SHARED);
    for (const script of links) expect(readlinkSync(join(CHART, "files", script))).toBe(`../../../boot/${script}`);
  });

  it("reaches the stack that Terraform applies as regular files", () => {
    const app = new App({ outdir: folder });
    const stack = new TerraformStack(app, "stack");
    new HelmProvider(stack, "helm");
    new OwnChartRelease(stack, "r", { chart: "llm-serving", name: "r", namespace: "n", values: {}, timeoutSeconds: 1 });
    app.synth();
    const assets = join(folder, "stacks/stack/assets");
    const [chart = ""] = readdirSync(assets, { recursive: true, encoding: "utf8" }).filter((path) =>
      /\/[0-9A-F]{32}$/.test(path),
    );
    expect(scriptsIn(join(assets, chart))).toEqual(expected);
  });
});

describeWith(["helm", "tar"], "helm package", () => {
  it("puts the linked scripts into the archive as regular files", () => {
    const run = (program: string, args: readonly string[]) => {
      const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    };
    run("helm", ["package", CHART, "--destination", folder, "--version", "1.2.3"]);
    run("tar", ["-xzf", join(folder, "llm-serving-1.2.3.tgz"), "-C", folder]);
    expect(scriptsIn(join(folder, "llm-serving"))).toEqual(expected);
  });
});
