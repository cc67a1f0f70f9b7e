import { z } from "zod";
import type { JsonSchema } from "./schema-answer";

/** Reads a JSON schema as far as the simulator does. */
export const jsonSchemaSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    properties: z.record(z.string(), jsonSchemaSchema).optional(),
    items: jsonSchemaSchema.optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    anyOf: z.array(jsonSchemaSchema).optional(),
  }),
);

/** Fields that both completion routes have. Unknown ones are ignored, as vLLM does. */
const common = {
  model: z.string(),
  max_tokens: z.int().min(1).nullish(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).nullish(),
};

/** Text, or parts of which only the text ones are read. */
const contentSchema = z.union([
  z.string(),
  z
    .array(z.object({ type: z.string(), text: z.string().default("") }))
    .transform((parts) => parts.map((part) => part.text).join("\n")),
]);

/** The body of `POST /v1/chat/completions`. */
export const chatBodySchema = z.object({
  ...common,
  messages: z.array(z.object({ role: z.string(), content: contentSchema })).min(1),
  max_completion_tokens: z.int().min(1).nullish(),
  response_format: z
    .union([
      z.object({
        type: z.literal("json_schema"),
        json_schema: z.object({ name: z.string(), schema: jsonSchemaSchema }),
      }),
      z.object({ type: z.enum(["text", "json_object"]) }),
    ])
    .nullish(),
});

/** The body of `POST /v1/completions`. */
export const completionBodySchema = z.object({ ...common, prompt: z.string() });

export type ChatBody = z.output<typeof chatBodySchema>;
