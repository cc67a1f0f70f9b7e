import type { ResourceChange } from "./resource-changes";
import type { StackChange } from "./settings-changes";

/** More than so many resources of a type with the same change are one line. */
const MOST_LINES = 4;

/** What changed settings do, stack by stack. */
export function renderChanges(changes: readonly StackChange[]): string {
  if (changes.length === 0) return "nothing changes";
  return changes.flatMap((change) => [change.stack, ...changeLines(change).map((line) => `  ${line}`)]).join("\n");
}

/** What happens to one stack, a line a resource. */
export function changeLines(change: StackChange): readonly string[] {
  switch (change.outcome) {
    case "planned":
      return change.changes.length === 0 ? ["nothing changes"] : resourceLines(change.changes);
    case "failed":
      return change.diagnostics.map(({ text }) => `error: ${text}`);
    case "differs":
      return [`differs, and is not planned: ${change.reason}`];
    case "left":
      return ["the settings have it no longer: its resources stay, and no plan shows them"];
  }
}

function resourceLines(changes: readonly ResourceChange[]): readonly string[] {
  const groups = new Map<string, ResourceChange[]>();
  for (const change of changes) {
    const key = [change.action, change.createsFirst, typeOf(change), fieldsOf(change)].join();
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= MOST_LINES)
      return group.map((change) => line(change, shortName(change)));
    return [line(first, `${group.length} × ${typeOf(first)}`)];
  });
}

function line(change: ResourceChange, what: string): string {
  const fields = fieldsOf(change);
  const order = change.action === "replace" ? `, ${change.createsFirst ? "new" : "old"} one first` : "";
  return `${change.action} ${what}${order}${fields === "" ? "" : `: ${fields}`}`;
}

/** Of a replacement, what makes it one. */
function fieldsOf({ action, fields, forcedBy }: ResourceChange): string {
  return (action === "replace" ? forcedBy : fields).join(", ");
}

function typeOf({ address }: ResourceChange): string {
  return address.slice(0, address.indexOf("."));
}

/** cdktf ends a logical id with a hash of its path. */
export function shortName({ address }: Pick<ResourceChange, "address">): string {
  return address.replace(/_[0-9A-F]{8}$/, "");
}
