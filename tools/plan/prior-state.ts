import { knownAfterApply } from "./after-apply";
import { expressionAt } from "./expressions";
import { type PlanFile, type PlannedResource, planFile } from "./plan-file";
import {
  completed,
  isValues,
  markedPaths,
  type Path,
  type PlannedValue,
  type PlannedValues,
  plannedAt,
  plannedValue,
  withPlannedAt,
} from "./planned-value";
import type { StackFile } from "./stack-files";
import { prepareFolder, writeState } from "./stack-folder";
import { stateText } from "./state-file";
import type { Diagnostic, Terraform } from "./terraform";

/** Text of a state file, or why there is none. */
export type PriorState = { readonly state: string } | { readonly diagnostics: readonly Diagnostic[] };

/** A value that is written in settings' terms and known once the resources that it names are. */
interface PendingValue {
  readonly address: string;
  readonly path: Path;
  readonly expression: string;
}

/**
 * The state that an apply of a stack would leave: what its plan knows, and for the rest what `knownAfterApply` makes up
 * or, where the stack writes an expression, its value. Nothing is asked of a cloud.
 *
 * A value that is known after the apply only and that nothing refers to is null. A plan of the same stack against this
 * state is empty, which test/plan/settings-changes.test.ts holds for every stack.
 */
export async function priorState(terraform: Terraform, stack: StackFile, folder: string): Promise<PriorState> {
  prepareFolder(folder, stack);
  const init = await terraform.init(folder);
  if (!init.succeeded) return { diagnostics: init.diagnostics };
  const run = await terraform.plan(folder, "first.plan");
  if (!run.succeeded) return { diagnostics: run.diagnostics };
  const plan = planFile.parse(await terraform.show(folder, "first.plan"));

  const attributes = new Map(plan.resource_changes.map((change) => [change.address, firstAttributes(change)]));
  const pending = pendingValues(plan);
  if (pending.length > 0) {
    writeState(folder, stateText(plan, stack, attributes));
    const expressions = pending.map(({ expression }) => expression);
    fillIn(attributes, pending, plannedValue.parse(await terraform.evaluate(folder, expressions)));
    // What Google forms of such a value is known now.
    for (const resource of plan.resource_changes) {
      const values = attributes.get(resource.address);
      if (isValues(values)) attributes.set(resource.address, withFormedValues(resource, values));
    }
  }
  return { state: stateText(plan, stack, attributes) };
}

function fillIn(attributes: Map<string, PlannedValue>, pending: readonly PendingValue[], values: PlannedValue): void {
  for (const [index, { address, path }] of pending.entries()) {
    attributes.set(address, withPlannedAt(attributes.get(address), path, plannedAt(values, [index]) ?? null));
  }
}

/** The provider takes null for an unknown list and would fill it again, but leaves an empty one. */
function firstAttributes(resource: PlannedResource): PlannedValue {
  const { after, after_unknown, after_sensitive } = resource.change;
  if (!isValues(after)) return after;
  return markedPaths(after_unknown).reduce(
    (attributes, path) => {
      const empty = plannedAt(after_sensitive, path);
      const missing = (plannedAt(attributes, path) ?? null) === null;
      return missing && typeof empty === "object" && empty !== null
        ? withPlannedAt(attributes, path, empty)
        : attributes;
    },
    withFormedValues(resource, after),
  );
}

/** Terraform reads no state with an attribute that the type does not have. */
function withFormedValues({ type, name, change }: PlannedResource, values: PlannedValues): PlannedValue {
  const formed = Object.entries(knownAfterApply(type, name, values)).filter(
    ([attribute]) => attribute in values || plannedAt(change.after_unknown, [attribute]) !== undefined,
  );
  return completed(values, Object.fromEntries(formed));
}

function pendingValues(plan: PlanFile): readonly PendingValue[] {
  const expressions = new Map(
    plan.configuration.root_module.resources.map((resource) => [resource.address, resource.expressions]),
  );
  return plan.resource_changes.flatMap(({ address, change }) =>
    markedPaths(change.after_unknown).flatMap((path) => {
      const expression = expressionAt(expressions.get(address), path);
      return expression === undefined ? [] : [{ address, path, expression }];
    }),
  );
}
