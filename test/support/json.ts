/** Plain JSON, as Terraform reads it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

// Array.isArray does not narrow a readonly list.
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Parses JSON text. @throws SyntaxError where it is none. */
export function parseJson(text: string): Json {
  return JSON.parse(text);
}

/** Parses JSON text that must hold an object. @throws TypeError where it holds anything else. */
export function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isObject(value)) throw new TypeError(`expected a JSON object, found ${text.slice(0, 80)}`);
  return value;
}

/** The string at a key; `undefined` where there is none. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

/** The number at a key, also one written as a string, as Terraform accepts it; `undefined` where there is none. */
export function numberAt(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** The strings of a list; empty where there is no list. */
export function textsAt(object: JsonObject, key: string): readonly string[] {
  const value = object[key];
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The blocks under a key: Terraform JSON writes one block as an object and several as a list. */
export function blocksAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  if (isList(value)) return value.filter((item) => isObject(item));
  return isObject(value) ? [value] : [];
}

/** The blocks at the end of a path of keys, through every block on the way. */
export function blocksAlong(object: JsonObject, ...path: readonly string[]): readonly JsonObject[] {
  return path.reduce<readonly JsonObject[]>((blocks, key) => blocks.flatMap((block) => blocksAt(block, key)), [object]);
}

/** Every string within a value, each with its path, such as `backend[0].group`. */
export function* strings(value: Json, path = ""): Generator<{ readonly path: string; readonly text: string }> {
  if (typeof value === "string") yield { path, text: value };
  else if (isList(value)) for (const [index, item] of value.entries()) yield* strings(item, `${path}[${index}]`);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* strings(item, path === "" ? key : `${path}.${key}`);
  }
}
