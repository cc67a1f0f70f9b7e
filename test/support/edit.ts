import { isList, isObject, type Json, type JsonObject } from "./json";
import { type EnvironmentView, type PlacedResource, resourcesIn, type StackView } from "./stack-view";

/** Values by path, such as `boot_disk.initialize_params.type` or `backend[0].group`; `undefined` removes. */
export type Edits = Readonly<Record<string, Json | undefined>>;

/** An environment with a mistake in it, and where. */
export interface Planted {
  readonly environment: EnvironmentView;
  readonly address: string;
}

/** Which resource of a type: the first one that has these attributes. */
export type Where = Readonly<Record<string, Json>>;

/**
 * Plants a mistake: a copy of the environment in which one resource is edited.
 * @throws Error where no resource of the type has these attributes: the mistake would not be planted.
 */
export function edited(environment: EnvironmentView, type: string, edits: Edits, where: Where = {}): Planted {
  const resource = resourcesIn(environment, type).find(({ body }) =>
    Object.entries(where).every(([key, value]) => body[key] === value),
  );
  if (resource === undefined) throw new Error(`${environment.name} has no ${type} with ${JSON.stringify(where)}`);
  const body = Object.entries(edits).reduce<Json>(
    (current, [path, value]) => withValueAt(current, path.split(/\.|(?=\[)/), value),
    resource.body,
  );
  return { environment: withBody(environment, resource, body), address: resource.address };
}

/** Plants a resource that should not be there. */
export function added(environment: EnvironmentView, kind: string, type: string, body: JsonObject): Planted {
  const stack = environment.stacks.find((candidate) => candidate.kind === kind);
  if (stack === undefined) throw new Error(`${environment.name} has no stack ${kind}`);
  const resource = { type, address: `${type}.planted`, body, stack };
  return { environment: withBody(environment, resource, body), address: resource.address };
}

/** An environment without the resources of a type. */
export function without(environment: EnvironmentView, type: string): EnvironmentView {
  return {
    ...environment,
    stacks: environment.stacks.map((stack) => {
      const { [type]: _, ...rest } = isObject(stack.config.resource) ? stack.config.resource : {};
      return { ...stack, config: { ...stack.config, resource: rest } };
    }),
  };
}

function withBody(environment: EnvironmentView, { stack, type, address }: PlacedResource, body: Json): EnvironmentView {
  const id = address.slice(type.length + 1);
  const change = (candidate: StackView): StackView =>
    candidate.id === stack.id
      ? { ...candidate, config: asObject(withValueAt(candidate.config, ["resource", type, id], body)) }
      : candidate;
  return { ...environment, stacks: environment.stacks.map(change) };
}

/** A copy with the value at the path; blocks and lists on the way are made where they are missing. */
function withValueAt(target: Json | undefined, [step, ...rest]: readonly string[], value: Json | undefined): Json {
  if (step === undefined) return value ?? null;
  const index = /^\[(\d+)\]$/.exec(step)?.[1];
  if (index !== undefined) {
    const list = isList(target) ? [...target] : [];
    list[Number(index)] = withValueAt(list[Number(index)], rest, value);
    return list;
  }
  // A step by name goes into the only block of a list too.
  if (isList(target)) return target.map((item) => withValueAt(item, [step, ...rest], value));
  const { [step]: old, ...others } = isObject(target) ? target : {};
  return rest.length === 0 && value === undefined ? others : { ...others, [step]: withValueAt(old, rest, value) };
}

function asObject(value: Json): JsonObject {
  if (!isObject(value)) throw new TypeError("a stack is an object");
  return value;
}
