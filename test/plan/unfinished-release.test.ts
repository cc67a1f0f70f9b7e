import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { DataResource, TerraformStack, Testing } from "cdktf";
import { UnfinishedRelease } from "../../constructs/gke/unfinished-release";
import { type JsonObject, parseObject } from "../support/json";
import { runTerraform } from "./fixtures";
import { CANNOT_PLAN } from "./prepare-plans";

const cannotPlan = process.env[CANNOT_PLAN] ?? "the jest project `plan` did not prepare it";
const withTerraform = cannotPlan === "" ? it : it.skip;
const folder = mkdtempSync(join(tmpdir(), "unfinished-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The precondition on a resource of Terraform's own, over these records instead of a cluster's. */
function write(records: readonly JsonObject[]): void {
  const stack = new TerraformStack(Testing.app(), "serving");
  const { precondition } = new UnfinishedRelease(stack, "unfinished", { name: "llm", namespace: "llm-serving" });
  new DataResource(stack, "release", { lifecycle: { precondition: [precondition] } });
  const text = Testing.synth(stack).replaceAll(/data\.kubernetes_resources\.[\w-]+\.objects/g, "local.records");
  const { resource = {} } = parseObject(text);
  writeFileSync(join(folder, "stack.tf.json"), JSON.stringify({ locals: { records: [...records] }, resource }));
}

/** As Helm labels the record of a revision. */
function record(status: string): JsonObject {
  return { metadata: { name: "sh.helm.release.v1.llm.v7", namespace: "llm-serving", labels: { status } } };
}

/** What the plan says, without its frame and line breaks. */
function plan() {
  const { status, output } = runTerraform(folder, "plan", "-input=false", "-no-color");
  return { status, output: output.replaceAll(/[│\s]+/g, " ") };
}

describe("UnfinishedRelease", () => {
  beforeAll(() => {
    write([]);
    if (cannotPlan === "") runTerraform(folder, "init", "-input=false");
  });

  withTerraform("lets a plan pass where every revision is finished", () => {
    write([]);
    expect(plan()).toMatchObject({ status: 0 });
  });

  withTerraform.each(["pending-install", "pending-upgrade", "pending-rollback"])(
    "fails the plan after %s with the command that removes the record",
    (status) => {
      write([record(status)]);
      const { status: code, output } = plan();
      expect(output).toContain(`The release llm is ${status}.`);
      expect(output).toContain("`kubectl --namespace llm-serving delete configmap sh.helm.release.v1.llm.v7`");
      expect(code).not.toBe(0);
    },
  );

  withTerraform("fails the plan after a destroy that was cut off with the command that ends it", () => {
    write([record("uninstalling")]);
    expect(plan().output).toContain("`HELM_DRIVER=configmap helm --namespace llm-serving uninstall llm`");
  });
});
