import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { DataResource, TerraformStack, Testing } from "cdktf";
import { MetricsApisOwner } from "../../constructs/gke/metrics-apis-owner";
import type { MetricsAdapter } from "../../planning/metrics-api";
import { runTerraform } from "./fixtures";
import { CANNOT_PLAN } from "./prepare-plans";

const withTerraform = (process.env[CANNOT_PLAN] ?? "the jest project `plan` did not prepare it") === "" ? it : it.skip;
const folder = mkdtempSync(join(tmpdir(), "owner-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stack whose adapter is one resource of Terraform's own, by the adapter's name: nothing is installed for it. */
function write(adapter: MetricsAdapter): void {
  const stack = new TerraformStack(Testing.app(), "platform");
  const owner = new MetricsApisOwner(stack, "metrics-apis", { adapter });
  owner.holds(new DataResource(stack, adapter));
  writeFileSync(join(folder, "stack.tf.json"), Testing.synth(stack));
}

describe("MetricsApisOwner", () => {
  withTerraform.each([
    ["prometheus", "google"],
    ["google", "prometheus"],
  ] as const)("destroys the adapter %s before it creates the adapter %s, in one apply", (before, after) => {
    rmSync(join(folder, "terraform.tfstate"), { force: true });
    write(before);
    runTerraform(folder, "init", "-input=false");
    runTerraform(folder, "apply", "-auto-approve", "-input=false");
    write(after);
    const { output } = runTerraform(folder, "apply", "-auto-approve", "-input=false", "-no-color");
    const lines = output.slice(output.indexOf("\nPlan: ")).split("\n");
    const at = (text: string) => lines.findIndex((line) => line.startsWith(text));
    const destroyed = at(`terraform_data.${before}: Destruction complete`);
    const replaced = lines.findIndex((line) => /^terraform_data\.metrics-apis_owner_\w+: Creating/.test(line));
    const created = at(`terraform_data.${after}: Creating`);
    expect(destroyed).toBeGreaterThanOrEqual(0);
    expect(replaced).toBeGreaterThan(destroyed);
    expect(created).toBeGreaterThan(replaced);
  });
});
