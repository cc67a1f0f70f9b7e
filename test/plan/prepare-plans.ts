import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planStacks } from "../../tools/plan/plan-stacks";
import synthesizeEnvironments from "../support/synthesize-environments";
import { NETWORK, writeStack } from "./fixtures";

/** Name of the variable that holds why nothing can be planned here; empty where it can. */
export const CANNOT_PLAN = "CANNOT_PLAN";

/** Before the plan tests: the environments, and whether Terraform and the provider are on this machine. */
export default async function preparePlans(): Promise<void> {
  synthesizeEnvironments();
  const folder = mkdtempSync(join(tmpdir(), "plan-probe-"));
  const [probe] = await planStacks({
    stacks: [writeStack(folder, "probe", NETWORK)],
    folder: join(folder, "plans"),
    variables: process.env,
  });
  process.env[CANNOT_PLAN] = probe?.outcome === "skipped" ? probe.reason : "";
}
