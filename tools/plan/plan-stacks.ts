import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { planStack, type StackPlan } from "./plan-stack";
import type { StackFile } from "./stack-files";
import { offlineConfiguration, Terraform } from "./terraform";

export interface PlanStacksProps {
  readonly stacks: readonly StackFile[];
  /** Folder that the plans are made in; a folder a stack. */
  readonly folder: string;
  /** Environment variables, as Terraform and its configuration read them. */
  readonly variables: NodeJS.ProcessEnv;
  /** Called after each stack. @default nothing is called */
  readonly onPlan?: (plan: StackPlan) => void;
}

/** Providers are single processes of some 100 MB that use one core each. */
const MOST_AT_ONCE = 4;

/** Plans stacks, as many at once as there are cores; the results are in the order of the stacks. */
export async function planStacks(props: PlanStacksProps): Promise<readonly StackPlan[]> {
  mkdirSync(props.folder, { recursive: true });
  const terraform = new Terraform(props.variables, writeConfiguration(props));
  if ((await terraform.version()) === undefined) {
    return props.stacks.map(({ id }) => ({ stack: id, outcome: "skipped", reason: "no terraform on PATH" }));
  }
  const plans: StackPlan[] = [];
  const pending = props.stacks.entries();
  const worker = async () => {
    for (const [index, stack] of pending) {
      const plan = await planStack(terraform, stack, join(props.folder, stack.id));
      plans[index] = plan;
      props.onPlan?.(plan);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, availableParallelism()) }, worker));
  return plans;
}

function writeConfiguration({ folder, variables }: PlanStacksProps): string | undefined {
  const configuration = offlineConfiguration(variables);
  if (configuration === undefined) return undefined;
  const path = join(folder, "terraform.rc");
  writeFileSync(path, configuration);
  return path;
}
