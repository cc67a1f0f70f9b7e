import { z } from "zod";
import { settingsSchema } from "../../settings/schema/settings";

/** The part of JSON Schema that the settings use. */
const node = z.object({
  description: z.string().optional(),
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get items() {
    return node.optional();
  },
  get anyOf() {
    return z.array(node).optional();
  },
  get oneOf() {
    return z.array(node).optional();
  },
});
type Node = z.output<typeof node>;

/** docs/settings.md */
export function settingsReference(): string {
  const schema = node.parse(z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }));
  const rows = fieldsOf(schema, "").map(([path, field, required]) => {
    return `| \`${path}\` | ${kindOf(field)} | ${required ? "yes" : "no"} | ${field.description ?? ""} |`;
  });
  return [
    "# Settings",
    "",
    "Every field of an environment file (`settings/environments/*.ts`). This page is made from the schema by",
    "`npm run docs:settings`; a test fails when the two differ. Values that CI knows may come from variables:",
    "`TERRACE_<ENVIRONMENT>_PROJECT_ID`, `TERRACE_<ENVIRONMENT>_APP_IMAGE` and `TERRACE_<ENVIRONMENT>_ENGINE_IMAGE`",
    "(the two images as `sha256:...` digests). A `TERRACE_` variable that names nothing is refused.",
    "",
    "| field | type | required | meaning |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

type Field = readonly [path: string, field: Node, required: boolean];

function fieldsOf(schema: Node, prefix: string): Field[] {
  return variantsOf(schema).flatMap((variant) =>
    Object.entries(variant.properties ?? {})
      .filter(([, field]) => field.const === undefined)
      .flatMap(([key, field]): Field[] => {
        const path = `${prefix}${key}`;
        const self: Field = [path, field, variant.required?.includes(key) ?? false];
        if (field.items !== undefined) return [self, ...fieldsOf(field.items, `${path}[].`)];
        return [self, ...fieldsOf(field, `${path}.`)];
      }),
  );
}

function variantsOf(schema: Node): readonly Node[] {
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), schema];
}

function kindOf(field: Node): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${String(value)}\``).join(", ");
  const kinds = (field.oneOf ?? [])
    .flatMap((variant) => Object.entries(variant.properties ?? {}))
    .filter(([, f]) => f.const !== undefined);
  if (kinds.length > 0) return `object, by ${kinds.map(([key, f]) => `\`${key}: ${String(f.const)}\``).join(" or ")}`;
  if (field.anyOf !== undefined) return field.anyOf.map(kindOf).join(" or ");
  const bounds =
    field.minimum !== undefined && field.maximum !== undefined ? `, ${field.minimum} to ${field.maximum}` : "";
  return `${field.type ?? "any"}${bounds}`;
}
