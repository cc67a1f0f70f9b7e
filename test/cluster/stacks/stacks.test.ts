import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { NAMESPACES } from "../../../planning/names";
import production from "../../../settings/environments/production";
import { parseSettings } from "../../../settings/parse";
import type { SettingsInput } from "../../../settings/schema/settings";
import type { StackKind } from "../../../stacks/terrace-stack";
import { stackFiles } from "../../../tools/plan/stack-files";
import { at, objectName } from "../../charts/llm-serving/manifests";
import { parseObject } from "../../support/json";
import { synthesize } from "../../support/synthesize";
import { startCluster } from "../cluster";
import type { ControlPlane } from "../control-plane/control-plane";
import { BROKEN_IMAGE } from "../control-plane/simulated-kubelet";
import { customResourceDefinitions } from "../custom-resource-definitions";
import { helm } from "../helm";
import { kubectl, objects } from "../kubectl";
import { cpuNodes, gpuNodes } from "../nodes";
import { describeInCluster, withoutCluster } from "../requirement";
import { withReleaseChecks } from "../simulated-release-check";
import { untilEndpoints } from "../workload";
import { writeStandInCharts } from "./stand-in-charts";
import { cannotApply, startTerraform, terraform, writeConfiguration } from "./terraform";
import { withoutGoogle } from "./without-google";

type KubernetesInput = NonNullable<SettingsInput["kubernetes"]>;

const cannot = withoutCluster() === "" ? cannotApply() : withoutCluster();

describe("stacks in a cluster", () => {
  it("are applied, or are not required", () => {
    if (cannot === withoutCluster()) return;
    expect(process.env.TERRACE_REQUIRE_PROVIDERS).not.toBe("1");
    process.stderr.write(`gke-platform and gke-serving were not applied: ${cannot}\n`);
  });
});

/** One after the other, as in the life of an environment; in a cluster of its own, because names are the product's. */
describeInCluster("the stacks of production in a cluster, without Google's resources", suite, cannot);

function suite(): void {
  const folder = mkdtempSync(join(tmpdir(), "stacks-in-cluster-"));
  const charts = join(folder, "charts");
  let cluster: ControlPlane | undefined;

  const folderOf = (kind: StackKind) => join(folder, kind);

  /** Writes a stack as it is for production with these changes. */
  function write(kind: StackKind, changes: Partial<KubernetesInput> = {}): void {
    if (!production.kubernetes) throw new Error("production has no cluster");
    const outdir = mkdtempSync(join(folder, "synthesized-"));
    const kubernetes = { ...production.kubernetes, chartMirror: charts, ...changes };
    synthesize(parseSettings({ ...production, kubernetes }), outdir);
    const stack = stackFiles(outdir, "production").find(({ id }) => id === `production-${kind}`);
    if (stack === undefined) throw new Error(`production has no stack ${kind}`);
    cpSync(dirname(stack.path), folderOf(kind), { recursive: true });
    const configuration = parseObject(readFileSync(stack.path, "utf8"));
    writeConfiguration(folderOf(kind), withoutGoogle(configuration, cluster?.kubeconfig ?? ""));
  }

  const applyStack = (kind: StackKind) =>
    withReleaseChecks(NAMESPACES.serving, () => terraform(folderOf(kind), ["apply", "-auto-approve"]));
  const planOf = (kind: StackKind) => terraform(folderOf(kind), ["plan"]);

  beforeAll(async () => {
    // The monitoring's definitions come with its chart.
    const definitions = ["cloud.google.com", "networking.gke.io"].flatMap((group) => customResourceDefinitions(group));
    cluster = await startCluster([...definitions, ...cpuNodes(4), ...gpuNodes(6)]);
    writeStandInCharts(charts);
    write("gke-platform");
    write("gke-serving");
    for (const kind of ["gke-platform", "gke-serving"] as const) await terraform(folderOf(kind), ["init"]);
  });

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("gke-platform is applied in one go, and a second plan is empty", async () => {
    expect(await applyStack("gke-platform")).toMatch(/Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
    expect(await planOf("gke-platform")).toContain("No changes.");
  });

  it("gke-serving is applied in one go, and a second plan is empty", async () => {
    expect(await applyStack("gke-serving")).toMatch(/Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
    await untilEndpoints(NAMESPACES.serving, { "engine-0": 2, "engine-1": 2, "engine-2": 2, gateway: 3 });
    expect(await planOf("gke-serving")).toContain("No changes.");
  });

  it("gke-serving that is cut off says in its next plan the one command that helps, goes back, and is applied again", async () => {
    const good = readFileSync(join(folderOf("gke-serving"), "cdk.tf.json"), "utf8");
    const broken = good.replaceAll("/vllm@sha256", `/${BROKEN_IMAGE}-vllm@sha256`);
    expect(broken).not.toBe(good);
    writeConfiguration(folderOf("gke-serving"), parseObject(broken));
    const cutOff = startTerraform(folderOf("gke-serving"), ["apply", "-auto-approve"]);
    await untilEndpoints(NAMESPACES.serving, { "engine-0": 1, "engine-1": 1, "engine-2": 1 });
    cutOff.kill();
    await cutOff.ended;

    writeConfiguration(folderOf("gke-serving"), parseObject(good));
    const blocked = await startTerraform(folderOf("gke-serving"), ["plan"]).ended;
    expect(blocked.ok).toBe(false);
    const message = blocked.output.replaceAll(/\s+/g, " ");
    expect(message).toContain("The release llm is pending-upgrade.");
    const [, command = ""] = /run `kubectl ([^`]+)` and apply again/.exec(message.replaceAll("│ ", "")) ?? [];
    await kubectl(command.split(" "));
    // These are the settings of the last record, so Terraform sees nothing to do.
    expect(await planOf("gke-serving")).toContain("No changes.");
    const back = await helm(["rollback", "llm", "1", "--namespace", NAMESPACES.serving, "--wait"]);
    expect(back).toMatchObject({ ok: true });
    await untilEndpoints(NAMESPACES.serving, { "engine-0": 2, "engine-1": 2, "engine-2": 2, gateway: 3 });

    writeConfiguration(folderOf("gke-serving"), parseObject(good.replaceAll("/vllm@sha256", "/vllm-mended@sha256")));
    expect(await applyStack("gke-serving")).toContain("0 added, 1 changed, 0 destroyed");
    await untilEndpoints(NAMESPACES.serving, { "engine-0": 2, "engine-1": 2, "engine-2": 2, gateway: 3 });
    expect(await planOf("gke-serving")).toContain("No changes.");
  });

  it.each(["google", "prometheus"] as const)(
    "gke-platform changes to the adapter %s in one apply",
    async (metricsAdapter) => {
      write("gke-platform", { metricsAdapter });
      expect(await applyStack("gke-platform")).toMatch(
        /Apply complete! Resources: \d+ added, 0 changed, \d+ destroyed/,
      );
      expect(await planOf("gke-platform")).toContain("No changes.");
      const [service] = (await objects("apiservices"))
        .filter((api) => objectName(api) === "v1beta1.custom.metrics.k8s.io")
        .map((api) => at(api, "spec", "service").name);
      expect(service).toBe(metricsAdapter === "google" ? "custom-metrics-stackdriver-adapter" : "prometheus-adapter");
    },
  );

  it("both are destroyed, and leave no way in, no API and no right", async () => {
    for (const kind of ["gke-serving", "gke-platform"] as const) {
      expect(await terraform(folderOf(kind), ["destroy", "-auto-approve"])).toContain("Destroy complete!");
    }
    const namespaces = (await objects("namespaces")).map(objectName);
    expect(namespaces.filter((name) => !/^(?:default|kube-.*)$/.test(name))).toEqual([]);
    expect((await objects("apiservices")).map(objectName).filter((name) => name.includes("metrics"))).toEqual([]);
    expect((await objects("priorityclasses")).map(objectName).filter((name) => name.startsWith("llm-"))).toEqual([]);
  });
}
