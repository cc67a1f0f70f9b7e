import { join } from "node:path";
import { inParallel } from "./in-parallel";
import { offlineTerraform } from "./offline";
import { planStack, type StackPlan } from "./plan-stack";
import type { StackFile } from "./stack-files";

export interface PlanStacksProps {
  readonly stacks: readonly StackFile[];
  /** Folder that the plans are made in; a folder a stack. */
  readonly folder: string;
  /** Environment variables, as Terraform and its configuration read them. */
  readonly variables: NodeJS.ProcessEnv;
  /** Called after each stack. @default nothing is called */
  readonly onPlan?: (plan: StackPlan) => void;
}

/** Plans stacks, as many at once as there are cores; the results are in the order of the stacks. */
export async function planStacks(props: PlanStacksProps): Promise<readonly StackPlan[]> {
  const terraform = offlineTerraform(props.folder, props.variables);
  if ((await terraform.version()) === undefined) {
    return props.stacks.map(({ id }) => ({ stack: id, outcome: "skipped", reason: "no terraform on PATH" }));
  }
  return inParallel(props.stacks, async (stack) => {
    const plan = await planStack(terraform, stack, join(props.folder, stack.id));
    props.onPlan?.(plan);
    return plan;
  });
}
