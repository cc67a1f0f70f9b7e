import { numberWithin, textWithin } from "./bounded-values";
import { keywords } from "./extract";
import { fieldList, fieldText } from "./fields";
import type { JsonSchema, JsonSchemaObject } from "./json-schema";
import type { Material } from "./material";
import { badRequest } from "./vllm-error";

/** Items of a list whose schema sets no count. */
const USUAL_ITEMS = 5;
/** Levels after which only what is required is written, so that a schema that contains itself comes to an end. */
const OPTIONAL_DEPTH = 6;
/** Levels of required values after which a schema is taken to have no end. */
const MAX_DEPTH = 40;

/** A value's position in the answer. */
interface Place {
  readonly root: JsonSchemaObject;
  readonly material: Material;
  /** The property, or that of the list that it is in. */
  readonly name: string;
  /** In the list that it is in, from 0. */
  readonly index: number;
  readonly depth: number;
}

/**
 * A value that matches the schema, made of the material. The property's name chooses what belongs there, as it would
 * for a model; an unknown name gets a key sentence. Of `anyOf` and `oneOf` the first alternative is taken.
 * @throws VllmError 400 for a schema that nothing matches or whose pattern is not understood
 */
export function answerBySchema(schema: JsonSchema, material: Material): unknown {
  const root = typeof schema === "boolean" ? {} : schema;
  return value(schema, { root, material, name: "", index: 0, depth: 0 });
}

function value(schema: JsonSchema, place: Place): unknown {
  if (place.depth > MAX_DEPTH) throw badRequest("The JSON schema has no finite value.", "response_format");
  const resolved = resolve(schema, place);
  if (resolved.const !== undefined) return resolved.const;
  if (resolved.enum !== undefined) return resolved.enum[place.index % resolved.enum.length];
  switch (typeOf(resolved)) {
    case "object":
      return object(resolved, place);
    case "array":
      return list(resolved, place);
    case "integer":
      return numberWithin(resolved, true);
    case "number":
      return numberWithin(resolved, false);
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return textWithin(resolved, place.material, place.index, () =>
        fieldText(place.name, place.material, place.index),
      );
  }
}

/** The schema with its reference followed, its parts put together and one of its alternatives chosen. */
function resolve(schema: JsonSchema, place: Place): JsonSchemaObject {
  if (schema === false) throw badRequest("The JSON schema allows no value.", "response_format");
  if (schema === true) return {};
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  const parts: JsonSchemaObject[] = [own];
  if ($ref !== undefined) parts.push(resolve(follow($ref, place.root), deeper(place)));
  for (const part of allOf ?? []) parts.push(resolve(part, deeper(place)));
  for (const alternatives of [anyOf, oneOf]) {
    if (alternatives !== undefined) parts.push(resolve(choose(alternatives, place), deeper(place)));
  }
  const properties = parts.flatMap((part) => Object.entries(part.properties ?? {}));
  const required = parts.flatMap((part) => part.required ?? []);
  return Object.assign({}, ...parts, {
    properties: properties.length > 0 ? Object.fromEntries(properties) : undefined,
    required: required.length > 0 ? required : undefined,
  });
}

/** Deep down the alternative that ends soonest, otherwise the first that is not null. */
function choose(alternatives: readonly JsonSchema[], place: Place): JsonSchema {
  const isNull = (schema: JsonSchema) => typeof schema === "object" && schema.type === "null";
  const isLeaf = (schema: JsonSchema) =>
    typeof schema === "object" && schema.$ref === undefined && !["object", "array"].includes(typeOf(schema));
  if (place.depth >= OPTIONAL_DEPTH) {
    const leaf = alternatives.find(isLeaf);
    if (leaf !== undefined) return leaf;
  }
  return alternatives.find((schema) => !isNull(schema) && schema !== false) ?? alternatives[0] ?? true;
}

function follow(reference: string, root: JsonSchemaObject): JsonSchema {
  if (reference === "#") return root;
  const [, table, name = ""] = /^#\/(\$defs|definitions)\/(.+)$/.exec(reference) ?? [];
  const decoded = decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~");
  const found = own((table === "$defs" ? root.$defs : root.definitions) ?? {}, decoded);
  if (found === undefined) throw badRequest(`The JSON schema has no ${reference}.`, "response_format");
  return found;
}

function typeOf(schema: JsonSchemaObject): string {
  const { type } = schema;
  if (typeof type === "string") return type;
  if (type !== undefined) return type.find((name) => name !== "null") ?? "null";
  if (schema.properties || schema.required || schema.additionalProperties) return "object";
  if (schema.items !== undefined || schema.prefixItems || schema.minItems !== undefined) return "array";
  const isNumber = schema.minimum ?? schema.maximum ?? schema.exclusiveMinimum ?? schema.exclusiveMaximum;
  return isNumber !== undefined || schema.multipleOf !== undefined ? "number" : "string";
}

function object(schema: JsonSchemaObject, place: Place): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties = true, minProperties = 0 } = schema;
  const known = Object.keys(properties).filter((name) => place.depth < OPTIONAL_DEPTH || required.includes(name));
  const names = new Set([...known, ...required]);
  // A map of which no key is named: one entry shows what it is.
  const isMap = names.size === 0 && typeof additionalProperties === "object" && place.depth < OPTIONAL_DEPTH;
  const wanted = Math.max(minProperties, isMap ? 1 : 0);
  for (let index = 0; names.size < wanted && index < 2 * wanted + MAX_DEPTH; index += 1) {
    names.add(String(value(schema.propertyNames ?? { type: "string", maxLength: 20 }, within(place, "key", index))));
  }
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      value(own(properties, name) ?? additionalProperties, within(place, name, place.index)),
    ]),
  );
}

function list(schema: JsonSchemaObject, place: Place): unknown[] {
  const { prefixItems = [], items = true, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  const first = prefixItems.map((item, index) => value(item, within(place, place.name, index)));
  const item = items === false ? undefined : resolve(items, deeper(place));
  const isText = item !== undefined && isPlainText(item);
  const usual = place.depth >= OPTIONAL_DEPTH || item === undefined ? 0 : isText ? USUAL_ITEMS : 1;
  const count = Math.min(maxItems, Math.max(usual, minItems));
  if (item === undefined || first.length >= count) return first;
  if (isText) return [...first, ...texts(item, place, count - first.length, minItems - first.length)];
  const found = [...first];
  // Items that must differ may run out, as those of a short enumeration do.
  for (let index = first.length; found.length < count && index < count + MAX_DEPTH; index += 1) {
    const next = value(items, within(place, place.name, index));
    if (!schema.uniqueItems || !found.some((other) => JSON.stringify(other) === JSON.stringify(next))) found.push(next);
  }
  return found;
}

/** Whether the items are any text, so that the material decides how many there are. */
function isPlainText(item: JsonSchemaObject): boolean {
  const { enum: choices, const: fixed, pattern, format } = item;
  return typeOf(item) === "string" && [choices, fixed, pattern, format].every((rule) => rule === undefined);
}

/** What the material has, and where that is too little, numbered texts: different ones as far as their limits allow. */
function texts(item: JsonSchemaObject, place: Place, most: number, least: number): string[] {
  const { material, name } = place;
  const found = new Set<string>();
  const listed = fieldList(name, material, most);
  for (const [index, candidate] of [...listed, ...keywords(material, most)].entries()) {
    // Single words carry little: they fill up where the schema requires more than the material lists.
    if (found.size < most && (index < listed.length || found.size < least)) {
      found.add(textWithin(item, material, index, () => candidate));
    }
  }
  for (let index = 1; found.size < least && index <= most + MAX_DEPTH; index += 1) {
    found.add(textWithin(item, material, 0, () => `${index}. ${fieldText(name, material, 0)}`));
  }
  // Texts so short that there are no more different ones.
  const spare = textWithin(item, material, 0, () => fieldText(name, material, 0));
  return [...found, ...new Array<string>(Math.max(0, least - found.size)).fill(spare)];
}

/** An entry of the schema's, never one that every object has. */
function own(entries: Readonly<Record<string, JsonSchema>>, name: string): JsonSchema | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth + 1 };
}

function within(place: Place, name: string, index: number): Place {
  return { ...place, name, index, depth: place.depth + 1 };
}
