import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import type { StackKind } from "../../stacks/terrace-stack";
import { planStacks } from "../../tools/plan/plan-stacks";
import { exitCode, renderReport } from "../../tools/plan/report";
import { type StackFile, stackFiles } from "../../tools/plan/stack-files";
import { SHIPPED } from "../support/environments";
import { resourcesOf } from "../support/stack-view";
import { environment, synthesizedFolder } from "../support/synthesized";
import { NETWORK, writeStack } from "./fixtures";
import { CANNOT_PLAN } from "./prepare-plans";

const cannotPlan = process.env[CANNOT_PLAN] ?? "the jest project `plan` did not prepare it";
const withProvider = cannotPlan === "" ? it : it.skip;
const folder = mkdtempSync(join(tmpdir(), "plans-"));
const plan = (...stacks: StackFile[]) => planStacks({ stacks, folder: join(folder, "plans"), variables: process.env });

/** Stacks that read from the cluster while they plan. */
const NEED_A_CLUSTER: readonly StackKind[] = ["gke-platform", "gke-serving"];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("Terraform and the google provider are installed, or are not required", () => {
  if (cannotPlan === "") return;
  expect(process.env.TERRACE_REQUIRE_PROVIDERS).not.toBe("1");
  process.stderr.write(`Terraform plans did not run: ${cannotPlan}\n`);
});

describe.each(SHIPPED)("the plan of %s", (name) => {
  withProvider("makes every resource of every stack, without an error or a warning", async () => {
    const stacks = stackFiles(synthesizedFolder(name), name);
    const plans = await planStacks({ stacks, folder: join(folder, name), variables: process.env });
    const resources = environment(name).stacks.map(({ id, config }) => [id, resourcesOf(config).length] as const);
    const expected = [...resources]
      .sort()
      .map(([stack, add]) =>
        NEED_A_CLUSTER.some((kind) => stack === `${name}-${kind}`)
          ? { stack, outcome: "validated", reason: expect.stringMatching(/^needs a cluster/), diagnostics: [] }
          : { stack, outcome: "planned", changes: { add, change: 0, destroy: 0 }, diagnostics: [] },
      );
    expect([...plans].sort((a, b) => a.stack.localeCompare(b.stack))).toEqual(expected);
  });
});

/** Settings that change the serving stack's resources, and no other stack's. */
describe.each(["custom-metrics", "managed"])("the serving stack of %s", (name) => {
  withProvider("plans without an error or a warning", async () => {
    const stacks = stackFiles(synthesizedFolder(name), "production").filter(({ id }) => id.endsWith("-vm-serving"));
    const plans = await planStacks({ stacks, folder: join(folder, name), variables: process.env });
    expect(plans).toEqual([expect.objectContaining({ outcome: "planned", diagnostics: [] })]);
  });
});

describe("gke-platform of the environment `moving`", () => {
  withProvider("is valid with Google's adapter, NVIDIA's exporter and the driver's DaemonSet", async () => {
    const [platform] = stackFiles(synthesizedFolder("moving"), "production").filter(({ id }) =>
      id.endsWith("-gke-platform"),
    );
    if (platform === undefined) throw new Error("no platform in the environment `moving`");
    const [result] = await plan(platform);
    expect(result).toMatchObject({ outcome: "validated", diagnostics: [] });
  });
});

describe("planStacks", () => {
  withProvider("counts the resources of a valid stack", async () => {
    const plans = await plan(writeStack(folder, "good", NETWORK));
    expect(plans).toEqual([
      { stack: "good", outcome: "planned", changes: { add: 1, change: 0, destroy: 0 }, diagnostics: [] },
    ]);
    expect(exitCode(plans)).toBe(0);
  });

  withProvider("fails on an argument that the provider does not define", async () => {
    const plans = await plan(
      writeStack(folder, "unknown", { google_compute_network: { network: { name: "n", colour: "red" } } }),
    );
    expect(plans[0]?.outcome).toBe("failed");
    expect(renderReport(plans)).toMatch(/unknown: error: .*colour/);
    expect(exitCode(plans)).toBe(1);
  });

  withProvider("fails on a value that the provider rejects", async () => {
    const refused = { name: "Not_A_Name", auto_create_subnetworks: false };
    const plans = await plan(writeStack(folder, "refused", { google_compute_network: { network: refused } }));
    expect(plans[0]?.outcome).toBe("failed");
    expect(exitCode(plans)).toBe(1);
  });

  withProvider("counts a warning as a failure of the whole", async () => {
    // `enable_logging` of a firewall is deprecated in favour of `log_config`.
    const deprecated = {
      name: "deny",
      network: "network",
      source_ranges: ["0.0.0.0/0"],
      deny: [{ protocol: "all" }],
      enable_logging: true,
    };
    const plans = await plan(writeStack(folder, "deprecated", { google_compute_firewall: { deny: deprecated } }));
    expect(plans[0]?.outcome).toBe("planned");
    expect(exitCode(plans)).toBe(1);
  });

  withProvider("skips a stack whose provider is not on this machine", async () => {
    const absent = { source: "hashicorp/google", version: "99.0.0" };
    const plans = await plan(writeStack(folder, "absent", NETWORK, absent));
    expect(plans).toEqual([
      { stack: "absent", outcome: "skipped", reason: expect.stringMatching(/^provider not found locally: .*99\.0\.0/) },
    ]);
    expect(exitCode(plans)).toBe(2);
  });

  it("skips every stack where Terraform is missing, and says so", async () => {
    const plans = await planStacks({
      stacks: [writeStack(folder, "any", NETWORK)],
      folder: join(folder, "plans"),
      variables: { PATH: folder, HOME: folder },
    });
    expect(plans).toEqual([{ stack: "any", outcome: "skipped", reason: "no terraform on PATH" }]);
    expect(exitCode(plans)).toBe(2);
  });

  withProvider("validates a stack that talks to a cluster, and goes no further", async () => {
    const plans = await plan({ ...writeStack(folder, "in-cluster", NETWORK), providers: ["google", "helm"] });
    expect(plans).toEqual([
      {
        stack: "in-cluster",
        outcome: "validated",
        reason: "needs a cluster: uses the helm provider",
        diagnostics: [],
      },
    ]);
    expect(renderReport(plans)).toContain("in-cluster: valid, not planned: needs a cluster");
    expect(exitCode(plans)).toBe(0);
  });

  withProvider("fails on an invalid stack that needs a cluster", async () => {
    const unknown = { google_compute_network: { network: { name: "n", colour: "red" } } };
    const plans = await plan({ ...writeStack(folder, "in-cluster-unknown", unknown), providers: ["google", "helm"] });
    expect(plans[0]?.outcome).toBe("failed");
    expect(exitCode(plans)).toBe(1);
  });
});
