import { z } from "zod";

/** A JSON schema as far as the simulator writes values for one. Other keywords are ignored. */
export type JsonSchema = boolean | JsonSchemaObject;

export interface JsonSchemaObject {
  readonly $ref?: string | undefined;
  readonly $defs?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly definitions?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly oneOf?: readonly JsonSchema[] | undefined;
  readonly allOf?: readonly JsonSchema[] | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: JsonSchema | undefined;
  readonly propertyNames?: JsonSchema | undefined;
  readonly minProperties?: number | undefined;
  readonly prefixItems?: readonly JsonSchema[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly uniqueItems?: boolean | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly multipleOf?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
}

const count = z.int().min(0).optional();

export const jsonSchemaSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.union([
    z.boolean(),
    z.object({
      $ref: z.string().optional(),
      $defs: z.record(z.string(), jsonSchemaSchema).optional(),
      definitions: z.record(z.string(), jsonSchemaSchema).optional(),
      type: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
      enum: z.array(z.unknown()).min(1).optional(),
      const: z.unknown().optional(),
      anyOf: z.array(jsonSchemaSchema).min(1).optional(),
      oneOf: z.array(jsonSchemaSchema).min(1).optional(),
      allOf: z.array(jsonSchemaSchema).optional(),
      properties: z.record(z.string(), jsonSchemaSchema).optional(),
      required: z.array(z.string()).optional(),
      additionalProperties: jsonSchemaSchema.optional(),
      propertyNames: jsonSchemaSchema.optional(),
      minProperties: count,
      prefixItems: z.array(jsonSchemaSchema).optional(),
      items: jsonSchemaSchema.optional(),
      minItems: count,
      maxItems: count,
      uniqueItems: z.boolean().optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      exclusiveMinimum: z.number().optional(),
      exclusiveMaximum: z.number().optional(),
      multipleOf: z.number().positive().optional(),
      minLength: count,
      maxLength: count,
      format: z.string().optional(),
      pattern: z.string().optional(),
    }),
  ]),
);
