import { expressionAt } from "./expressions";
import type { ConfiguredResource, PlanFile, PlannedResource } from "./plan-file";
import { isValues, type Path, type PlannedValue, plannedAt } from "./planned-value";

/** What a plan does with one resource. */
export interface ResourceChange {
  readonly address: string;
  readonly action: "create" | "update" | "replace" | "destroy";
  /** Whether a replacement creates the new one before it destroys the old one. */
  readonly createsFirst: boolean;
  /** Attributes that differ, such as `metadata.user-data` or `boot_disk.initialize_params.size`; none where all do. */
  readonly fields: readonly string[];
  /** Those of them that no update can change: why it is a replacement. */
  readonly forcedBy: readonly string[];
}

/** The changes of a plan, in its order. */
export function resourceChanges(plan: PlanFile): readonly ResourceChange[] {
  const configurations = new Map(plan.configuration.root_module.resources.map((r) => [r.address, r]));
  return plan.resource_changes.flatMap((resource) => {
    const action = actionOf(resource);
    if (resource.mode !== "managed" || action === undefined) return [];
    const { address, change } = resource;
    const compared = action === "update" || action === "replace";
    return {
      address,
      action,
      createsFirst: action === "replace" && change.actions[0] === "create",
      fields: compared ? differingFields(resource, configurations.get(address)) : [],
      forcedBy: fieldNames(change.replace_paths),
    };
  });
}

function actionOf({ change: { actions } }: PlannedResource): ResourceChange["action"] | undefined {
  if (actions.length === 2) return "replace";
  switch (actions[0]) {
    case "create":
    case "update":
      return actions[0];
    case "delete":
      return "destroy";
    default:
      return undefined;
  }
}

/** The labels that a resource gets, with the provider's default ones, are in `effective_labels` once more. */
const REPEATED: readonly string[] = ["terraform_labels"];

function differingFields(
  { change }: PlannedResource,
  configuration: ConfiguredResource | undefined,
): readonly string[] {
  const { before, after, after_unknown } = change;
  // What the provider forms itself is unknown after many a change, and says nothing about it.
  const formed = (path: Path) =>
    plannedAt(after_unknown, path) === true && expressionAt(configuration?.expressions, path) === undefined;
  return fieldNames(differences(before, after).filter((path) => !formed(path) && !REPEATED.includes(String(path[0]))));
}

/** The innermost paths whose values differ; of lists that differ in length, the list's. */
function differences(
  before: PlannedValue | undefined,
  after: PlannedValue | undefined,
  path: Path = [],
): readonly Path[] {
  if (isEmpty(before) && isEmpty(after)) return [];
  if (isValues(before) && isValues(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => differences(item, after[index], [...path, index]));
  }
  return before === after ? [] : [path];
}

/** The provider takes these for one another. */
function isEmpty(value: PlannedValue | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isValues(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** `boot_disk.initialize_params.size`: blocks without their position. */
function fieldNames(paths: readonly Path[]): readonly string[] {
  const names = paths.map((path) => path.filter((step) => typeof step === "string").join("."));
  return [...new Set(names)].sort();
}
