import type { StackKind } from "../../stacks/terrace-stack";
import { isObject, type JsonObject } from "./json";

/** One resource of a synthesized stack. */
export interface Resource {
  /** Terraform type, such as `google_compute_instance`. */
  readonly type: string;
  /** `<type>.<logical id>`, unique within the stack. */
  readonly address: string;
  /** Attributes and blocks, by Terraform's names, without cdktf's own metadata. */
  readonly body: JsonObject;
}

/** One synthesized stack, read-only. */
export interface StackView {
  /** The id without the environment, such as `edge`. */
  readonly kind: string;
  /** `<environment>-<kind>`. */
  readonly id: string;
  /** Ids of the stacks that must be applied before. */
  readonly dependencies: readonly string[];
  /** The whole Terraform JSON. */
  readonly config: JsonObject;
}

/** The synthesized stacks of one environment, in the order in which they are applied. */
export interface EnvironmentView {
  readonly name: string;
  readonly stacks: readonly StackView[];
}

/** A resource and the stack that makes it. */
export interface PlacedResource extends Resource {
  readonly stack: StackView;
}

/** Found once for each: every rule and every planted mistake looks at all resources, and no view is ever changed. */
const RESOURCES = new WeakMap<JsonObject, readonly Resource[]>();
const PLACED = new WeakMap<StackView, readonly PlacedResource[]>();

/** The resources of one Terraform JSON, in its order. */
export function resourcesOf(config: JsonObject): readonly Resource[] {
  const resources = RESOURCES.get(config) ?? listResources(config);
  RESOURCES.set(config, resources);
  return resources;
}

function listResources(config: JsonObject): readonly Resource[] {
  return Object.entries(isObject(config.resource) ? config.resource : {}).flatMap(([type, byId]) =>
    Object.entries(isObject(byId) ? byId : {}).flatMap(([id, body]) =>
      isObject(body) ? [{ type, address: `${type}.${id}`, body: withoutMetadata(body) }] : [],
    ),
  );
}

/** cdktf keeps construct paths under `//`. */
function withoutMetadata({ "//": _, ...body }: JsonObject): JsonObject {
  return body;
}

/** Every resource of an environment. With types, only those. */
export function resourcesIn(environment: EnvironmentView, ...types: readonly string[]): readonly PlacedResource[] {
  return environment.stacks.flatMap((stack) => {
    const placed = PLACED.get(stack) ?? resourcesOf(stack.config).map((resource) => ({ ...resource, stack }));
    PLACED.set(stack, placed);
    return types.length === 0 ? placed : placed.filter((resource) => types.includes(resource.type));
  });
}

/** How many resources of each type, sorted by type. */
export function countsByType(config: JsonObject): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { type } of resourcesOf(config)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

/** @throws Error where the environment has no such stack. */
export function stackOf(environment: EnvironmentView, kind: StackKind): StackView {
  const stack = environment.stacks.find((candidate) => candidate.kind === kind);
  if (stack === undefined) {
    const kinds = environment.stacks.map((candidate) => candidate.kind).join(", ");
    throw new Error(`${environment.name} has no stack ${kind}; it has ${kinds}`);
  }
  return stack;
}
