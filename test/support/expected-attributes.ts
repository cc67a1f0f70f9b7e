import { type IResolvable, type TerraformMetaArguments, TerraformResource, TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import { isList, isObject, type Json, type JsonObject, parseObject } from "./json";
import { resourcesOf } from "./stack-view";

/** A class of a generated provider package, such as `ComputeInstance`. */
export interface ResourceClass<Config> {
  /** Terraform type, such as `google_compute_instance`. */
  readonly tfResourceType: string;
  new (scope: Construct, id: string, config: Config): TerraformResource;
}

/** Some of a configuration's properties, at every depth. A misspelt key is a type error. */
export type Expected<Config> = DeepPartial<Omit<Config, Exclude<keyof TerraformMetaArguments, "lifecycle">>>;
type DeepPartial<T> = T extends IResolvable
  ? never
  : T extends readonly (infer Item)[]
    ? readonly DeepPartial<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
      : T;

/**
 * What Terraform JSON a configuration with these properties has.
 *
 * The provider's own class does the translation, so names and nesting are the provider's: it drops a key that it does
 * not know, which is an error here.
 * @throws Error naming a key that the resource type does not have, also one that got past the compiler.
 */
export function expectedAttributes<Config>(
  resourceClass: ResourceClass<Config>,
  expected: Expected<Config>,
): JsonObject {
  const type = terraformType(resourceClass);
  const stack = new TerraformStack(Testing.app(), "expected");
  // The class wants a whole configuration; it translates a part as well.
  const resource: unknown = Reflect.construct(resourceClass, [stack, "expected", expected]);
  if (!(resource instanceof TerraformResource)) throw new Error(`${type} is no Terraform resource class`);
  const [only] = resourcesOf(parseObject(Testing.synth(stack)));
  const attributes = only?.body ?? {};
  requireEveryKey(type, parseObject(JSON.stringify(expected)), attributes, "");
  return attributes;
}

/** @throws Error where the class is none of a provider's. */
export function terraformType<Config>(resourceClass: ResourceClass<Config>): string {
  const type: unknown = Reflect.get(resourceClass, "tfResourceType");
  if (typeof type === "string" && type !== "") return type;
  throw new Error(`${resourceClass.name} is no resource class of a provider: it has no tfResourceType`);
}

function requireEveryKey(type: string, expected: Json, attributes: Json | undefined, path: string): void {
  if (isList(expected)) {
    for (const [index, item] of expected.entries()) {
      const translated = isList(attributes) ? attributes[index] : attributes;
      requireEveryKey(type, item, translated, `${path}[${index}]`);
    }
  } else if (isObject(expected)) {
    for (const [key, value] of Object.entries(expected)) {
      const at = path === "" ? key : `${path}.${key}`;
      const name = isObject(attributes)
        ? Object.keys(attributes).find((n) => squashed(n) === squashed(key))
        : undefined;
      if (name === undefined || !isObject(attributes)) throw new Error(`${type} has no attribute "${at}"`);
      requireEveryKey(type, value, attributes[name], at);
    }
  }
}

/** `ipCidrRange` and `ip_cidr_range` are one name; where digits take an underscore differs from name to name. */
function squashed(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
