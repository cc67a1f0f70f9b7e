/**
 * `npm run plan -- <environment> [--json]`: synthesizes, then plans every stack of the environment that needs no
 * cluster, without network and without credentials, against an empty state.
 *
 * `npm run plan -- <environment> --before <folder>` shows what the settings change instead: against the state that an
 * apply of the stacks in that folder, a cdktf.out of before, would have left.
 *
 * Exit status: 0 where all is well, 1 on an error or a warning, 2 where a stack could not be planned because Terraform
 * or a provider is missing.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runSynthesis } from "../synthesis";
import { renderChanges } from "./change-report";
import { offlineTerraform } from "./offline";
import { planStacks } from "./plan-stacks";
import { exitCode, progressLine, renderReport } from "./report";
import { SettingsChanges } from "./settings-changes";
import { environmentsIn, type StackFile, stackFiles } from "./stack-files";

const ROOT = join(__dirname, "../..");
const USAGE = "usage: npm run plan -- <environment> [--json | --before <folder>]";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, before: { type: "string" } },
  });
  const [environment, ...rest] = positionals;
  if (environment === undefined || rest.length > 0 || (values.json && values.before !== undefined)) return fail(USAGE);
  if (!runSynthesis(ROOT)) return 1;
  const outdir = join(ROOT, "cdktf.out");
  const stacks = stackFiles(outdir, environment);
  if (stacks.length === 0)
    return fail(`no environment "${environment}"; there are ${environmentsIn(outdir).join(", ")}`);
  const folder = join(ROOT, "out", "plan");
  if (values.before !== undefined) return showChanges(stackFiles(values.before, environment), stacks, folder);
  const plans = await planStacks({
    stacks,
    folder,
    variables: process.env,
    onPlan: (plan) => console.error(progressLine(plan)),
  });
  console.log(values.json ? JSON.stringify({ environment, stacks: plans }) : renderReport(plans));
  return exitCode(plans);
}

async function showChanges(before: readonly StackFile[], after: readonly StackFile[], folder: string): Promise<number> {
  const terraform = offlineTerraform(folder, process.env);
  if ((await terraform.version()) === undefined) return fail("no terraform on PATH");
  const changes = await new SettingsChanges(terraform, folder).between(before, after);
  console.log(renderChanges(changes));
  return changes.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

function fail(line: string): number {
  console.error(line);
  return 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
