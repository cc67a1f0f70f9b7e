import { needsCluster, type StackFile } from "./stack-files";
import { prepareFolder } from "./stack-folder";
import type { Diagnostic, PlannedChanges, Terraform } from "./terraform";

/** What came of planning one stack. */
export type StackPlan =
  | {
      readonly stack: string;
      readonly outcome: "planned";
      readonly changes: PlannedChanges;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** Valid, and not planned: its providers read from a cluster while they plan, and there is none. */
  | {
      readonly stack: string;
      readonly outcome: "validated";
      readonly reason: string;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** Terraform refused it. */
  | { readonly stack: string; readonly outcome: "failed"; readonly diagnostics: readonly Diagnostic[] }
  /** Terraform or a provider is missing. */
  | { readonly stack: string; readonly outcome: "skipped"; readonly reason: string };

/** Terraform 1.x's message for a provider that it does not find. */
const PROVIDER_MISSING =
  /failed to query available provider packages|provider registry .*does not have|no available releases match/i;

/**
 * Initializes, validates and plans one synthesized stack in a folder of its own, with an empty local state in place of
 * its backend. One that needs a cluster is validated only.
 */
export async function planStack(terraform: Terraform, stack: StackFile, folder: string): Promise<StackPlan> {
  const { id } = stack;
  prepareFolder(folder, stack);

  const init = await terraform.init(folder);
  const missing = init.diagnostics.find(({ severity, text }) => severity === "error" && PROVIDER_MISSING.test(text));
  if (missing !== undefined) {
    return { stack: id, outcome: "skipped", reason: `provider not found locally: ${missing.text}` };
  }
  if (!init.succeeded) return { stack: id, outcome: "failed", diagnostics: init.diagnostics };

  const validate = await terraform.validate(folder);
  const checked = [...init.diagnostics, ...validate.diagnostics];
  if (!validate.succeeded) return { stack: id, outcome: "failed", diagnostics: checked };

  const reason = needsCluster(stack);
  if (reason !== undefined) return { stack: id, outcome: "validated", reason, diagnostics: checked };

  const plan = await terraform.plan(folder);
  // The plan validates again and repeats those diagnostics.
  const diagnostics = [...new Map([...checked, ...plan.diagnostics].map((d) => [d.text, d])).values()];
  if (!plan.succeeded || plan.changes === undefined) return { stack: id, outcome: "failed", diagnostics };
  return { stack: id, outcome: "planned", changes: plan.changes, diagnostics };
}
