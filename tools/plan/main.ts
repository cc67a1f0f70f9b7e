/**
 * `npm run plan -- <environment> [--json]`: synthesizes, then plans every stack of the environment that needs no
 * cluster, without network and without credentials, against an empty state.
 *
 * Exit status: 0 where all is well, 1 on an error or a warning, 2 where a stack could not be planned because Terraform
 * or a provider is missing.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runSynthesis } from "../synthesis";
import { planStacks } from "./plan-stacks";
import { exitCode, progressLine, renderReport } from "./report";
import { environmentsIn, stackFiles } from "./stack-files";

const ROOT = join(__dirname, "../..");
const USAGE = "usage: npm run plan -- <environment> [--json]";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean" } } });
  const [environment, ...rest] = positionals;
  if (environment === undefined || rest.length > 0) return fail(USAGE);
  if (!runSynthesis(ROOT)) return 1;
  const outdir = join(ROOT, "cdktf.out");
  const stacks = stackFiles(outdir, environment);
  if (stacks.length === 0)
    return fail(`no environment "${environment}"; there are ${environmentsIn(outdir).join(", ")}`);
  const plans = await planStacks({
    stacks,
    folder: join(ROOT, "out", "plan"),
    variables: process.env,
    onPlan: (plan) => console.error(progressLine(plan)),
  });
  console.log(values.json ? JSON.stringify({ environment, stacks: plans }) : renderReport(plans));
  return exitCode(plans);
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
