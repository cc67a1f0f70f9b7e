import { readFileSync } from "node:fs";
import { z } from "zod";
import { referencesIn } from "./expressions";
import type { PlanFile } from "./plan-file";
import { isValues, markedPaths, type Path, type PlannedValue } from "./planned-value";
import type { StackFile } from "./stack-files";

const lifecycles = z.object({
  resource: z
    .record(z.string(), z.record(z.string(), z.object({ lifecycle: z.looseObject({}).optional() })))
    .default({}),
});

/** Version 4 of the format, which Terraform reads since 0.12. */
/** @param attributes by address */
export function stateText(plan: PlanFile, stack: StackFile, attributes: ReadonlyMap<string, PlannedValue>): string {
  const first = createdFirst(plan, stack);
  const dependencies = dependenciesOf(plan);
  const versions = new Map(plan.configuration.root_module.resources.map((r) => [r.address, r.schema_version]));
  const resources = plan.resource_changes.map(({ address, mode, type, name, provider_name, change }) => ({
    mode,
    type,
    name,
    provider: `provider["${provider_name}"]`,
    instances: [
      {
        schema_version: versions.get(address) ?? 0,
        attributes: encoded(type, attributes.get(address) ?? null),
        sensitive_attributes: markedPaths(change.after_sensitive).map(pathSteps),
        dependencies: [...(dependencies.get(address) ?? [])].sort(),
        ...(first.has(address) ? { create_before_destroy: true } : {}),
      },
    ],
  }));
  return JSON.stringify({
    version: 4,
    terraform_version: "1.0.0",
    serial: 1,
    lineage: "prior",
    outputs: {},
    resources,
  });
}

/** A path as a state file has it. */
function pathSteps(path: Path): readonly object[] {
  return path.map((step) =>
    typeof step === "number"
      ? { type: "index", value: { value: step, type: "number" } }
      : { type: "get_attr", value: step },
  );
}

/** Attributes of any type are written with their type. */
const OF_ANY_TYPE: Readonly<Record<string, readonly string[]>> = {
  terraform_data: ["input", "output", "triggers_replace"],
};

function encoded(type: string, attributes: PlannedValue): PlannedValue {
  if (!isValues(attributes)) return attributes;
  const wrapped = (OF_ANY_TYPE[type] ?? []).flatMap((name) => {
    const value = attributes[name] ?? null;
    return value === null ? [] : [[name, { value, type: typeName(value) }] as const];
  });
  return { ...attributes, ...Object.fromEntries(wrapped) };
}

/** https://github.com/zclconf/go-cty/blob/main/docs/json.md#type-serialization */
function typeName(value: PlannedValue): PlannedValue {
  if (Array.isArray(value)) return ["tuple", value.map(typeName)];
  if (!isValues(value)) return typeof value === "boolean" ? "bool" : typeof value;
  return ["object", Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typeName(item)]))];
}

/** As Terraform keeps them: all that a resource refers to, through others too. */
function dependenciesOf(plan: PlanFile): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(
    plan.configuration.root_module.resources.map(({ address, expressions, depends_on }) => [
      address,
      [...referencesIn(expressions), ...depends_on],
    ]),
  );
  const all = new Map<string, ReadonlySet<string>>();
  const collect = (address: string): ReadonlySet<string> => {
    const known = all.get(address);
    if (known !== undefined) return known;
    const needed = (direct.get(address) ?? []).filter((other) => direct.has(other));
    const found = new Set(needed.flatMap((other) => [other, ...collect(other)]));
    all.set(address, found);
    return found;
  };
  for (const address of direct.keys()) collect(address);
  return all;
}

/** Terraform creates what such a resource depends on before it is destroyed, too. */
function createdFirst(plan: PlanFile, stack: StackFile): ReadonlySet<string> {
  const { resource } = lifecycles.parse(JSON.parse(readFileSync(stack.path, "utf8")));
  const dependencies = dependenciesOf(plan);
  const own = Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName)
      .filter(([, { lifecycle }]) => lifecycle?.create_before_destroy === true)
      .map(([name]) => `${type}.${name}`),
  );
  return new Set(own.flatMap((address) => [address, ...(dependencies.get(address) ?? [])]));
}
