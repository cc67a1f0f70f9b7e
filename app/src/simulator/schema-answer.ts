import * as compose from "./compose";
import { keywords } from "./extract";
import type { Material } from "./material";

/** A JSON schema as far as the simulator reads one. Unknown keywords are ignored. */
export interface JsonSchema {
  readonly type?: string | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly items?: JsonSchema | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[] | undefined;
}

/** Items of a list whose schema asks for none. */
const USUAL_ITEMS = 5;
/** Sentences of a summary whose instructions name no number. */
const USUAL_SENTENCES = 3;

/**
 * A value that matches the schema, made of the material. The property's name says what belongs there, as it would to a
 * model; a name that means nothing here gets a telling sentence.
 */
export function answerBySchema(schema: JsonSchema, material: Material, name = "", index = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return answerBySchema(schema.anyOf[0], material, name, index);
  switch (schema.type) {
    case "object": {
      const fields = Object.entries(schema.properties ?? {});
      return Object.fromEntries(fields.map(([key, field]) => [key, answerBySchema(field, material, key, index)]));
    }
    case "array":
      return list(schema, material, name);
    case "integer":
    case "number":
      return middle(schema);
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return text(name, material, index);
  }
}

function list(schema: JsonSchema, material: Material, name: string): unknown[] {
  const most = Math.min(schema.maxItems ?? USUAL_ITEMS, Math.max(USUAL_ITEMS, schema.minItems ?? 0));
  const items = schema.items ?? {};
  if (items.type === "string" && items.enum === undefined && items.const === undefined) {
    const found = name === "keywords" ? keywords(material, most) : compose.bullets(material, most).slice(0, most);
    while (found.length < (schema.minItems ?? 0)) found.push(compose.title(material));
    return found;
  }
  return Array.from({ length: schema.minItems ?? most }, (_, index) => answerBySchema(items, material, name, index));
}

/** The middle of the allowed range, as a whole number. */
function middle({ minimum = 0, maximum = minimum }: JsonSchema): number {
  return Math.round((minimum + Math.max(minimum, maximum)) / 2);
}

function text(name: string, material: Material, index: number): string {
  switch (name) {
    case "title":
      return compose.title(material);
    case "content":
      return compose.tilContent(material);
    case "summary":
      return compose.summary(material, material.sentenceLimit ?? USUAL_SENTENCES);
    case "question":
      return compose.question(material, index);
    case "answer":
      return compose.answer(material, index);
    default:
      return compose.bullets(material, index + 1).at(-1) ?? compose.title(material);
  }
}

/** An answer in plain Markdown, for a request without a schema. */
export function plainAnswer(material: Material): string {
  if (material.files.length === 0) return compose.summary(material, material.sentenceLimit ?? USUAL_SENTENCES);
  const words = keywords(material, 10).join(", ");
  const label = material.language === "ko" ? "핵심어" : "Keywords";
  return `# ${compose.title(material)}\n\n${compose.tilContent(material)}\n\n${label}: ${words}`;
}
