import { z } from "zod";
import { type JsonSchema, jsonSchemaSchema } from "./json-schema";
import { badRequest, invalidBody } from "./vllm-error";

/** Sampling parameters and what vLLM adds to them. Unknown fields are ignored, as vLLM does. */
const common = {
  /** @default the served model */
  model: z.string().nullish(),
  max_tokens: z.int().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
  n: z.int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  include_stop_str_in_output: z.boolean().nullish(),
  priority: z.int().nullish(),
  response_format: z
    .union([
      z.object({
        type: z.literal("json_schema"),
        json_schema: z.object({ name: z.string(), schema: jsonSchemaSchema.nullish() }),
      }),
      z.object({ type: z.enum(["text", "json_object"]) }),
    ])
    .nullish(),
  structured_outputs: z
    .object({
      json: z.union([jsonSchemaSchema, z.string()]).nullish(),
      json_object: z.boolean().nullish(),
      choice: z.array(z.string()).min(1).nullish(),
      regex: z.string().nullish(),
      grammar: z.string().nullish(),
    })
    .nullish(),
};

/** Text, or parts of which only the text ones are read. */
const contentSchema = z.union([
  z.string(),
  z
    .array(z.object({ type: z.string(), text: z.string().default("") }))
    .transform((parts) => parts.map((part) => part.text).join("\n")),
  z.null().transform(() => ""),
]);

const messagesSchema = z.array(z.object({ role: z.string(), content: contentSchema }));

const chatBodySchema = z.object({ ...common, messages: messagesSchema, max_completion_tokens: z.int().nullish() });
const completionBodySchema = z.object({
  ...common,
  prompt: z.union([z.string(), z.array(z.string()).length(1), z.array(z.int()), z.array(z.array(z.int())).length(1)]),
  echo: z.boolean().nullish(),
});
const embeddingBodySchema = z.object({
  model: z.string().nullish(),
  input: z.union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))]),
  encoding_format: z.enum(["float", "base64"]).default("float"),
  dimensions: z.int().nullish(),
});
const tokenizeBodySchema = z.union([
  z.object({
    model: z.string().nullish(),
    prompt: z.string(),
    add_special_tokens: z.boolean().default(true),
    return_token_strs: z.boolean().nullish(),
  }),
  z.object({ model: z.string().nullish(), messages: messagesSchema, return_token_strs: z.boolean().nullish() }),
]);
const detokenizeBodySchema = z.object({ model: z.string().nullish(), tokens: z.array(z.int().min(0)) });
const loadAdapterBodySchema = z.object({
  lora_name: z.string(),
  lora_path: z.string(),
  load_inplace: z.boolean().default(false),
});
const unloadAdapterBodySchema = z.object({ lora_name: z.string() });

/** The bodies of the routes that take one. */
export const BODIES = {
  chat: chatBodySchema,
  completion: completionBodySchema,
  embedding: embeddingBodySchema,
  tokenize: tokenizeBodySchema,
  detokenize: detokenizeBodySchema,
  loadAdapter: loadAdapterBodySchema,
  unloadAdapter: unloadAdapterBodySchema,
} as const;

export type ChatCompletionBody = z.output<typeof chatBodySchema>;
export type TextCompletionBody = z.output<typeof completionBodySchema>;
export type EmbeddingBody = z.output<typeof embeddingBodySchema>;

/** @throws VllmError 400, with the first wrong field as its parameter */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(body);
  if (error === undefined) return data;
  const problems = error.issues.map(({ path, message }) => `  ${["body", ...path].join(".")}: ${message}`);
  const label = problems.length === 1 ? "error" : "errors";
  const first = ["body", ...(error.issues[0]?.path ?? [])].join(".");
  throw invalidBody(`${problems.length} validation ${label}:\n${problems.join("\n")}`, first);
}

/** What a request to either completion route may set. */
export interface Sampling {
  /** Undefined where the request sets no limit. */
  readonly maxTokens: number | undefined;
  readonly stops: readonly string[];
  readonly keepStop: boolean;
  readonly priority: number;
  /** The form that the answer must have. @default text */
  readonly form: AnswerForm | undefined;
}

export type AnswerForm =
  | { readonly kind: "schema"; readonly schema: JsonSchema }
  | { readonly kind: "object" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

/** @throws VllmError 400 for values that vLLM refuses, and for `n` above 1, which the simulator does not generate */
export function readSampling(body: ChatCompletionBody | TextCompletionBody): Sampling {
  const { n, temperature, top_p, stop } = body;
  const maxTokens = ("max_completion_tokens" in body ? body.max_completion_tokens : null) ?? body.max_tokens;
  if (n != null && n < 1) throw badRequest(`n must be at least 1, got ${n}.`, "n");
  if (n != null && n > 1) throw badRequest(`n must be 1 when using greedy sampling, got ${n}.`, "n");
  if (temperature != null && temperature < 0) {
    throw badRequest(`temperature must be non-negative, got ${temperature}.`, "temperature");
  }
  if (top_p != null && (top_p <= 0 || top_p > 1)) throw badRequest(`top_p must be in (0, 1], got ${top_p}.`, "top_p");
  if (maxTokens != null && maxTokens < 1) {
    throw badRequest(`max_tokens must be at least 1, got ${maxTokens}.`, "max_tokens");
  }
  const stops = typeof stop === "string" ? [stop] : (stop ?? []);
  if (stops.includes("")) throw badRequest("stop cannot contain an empty string.", "stop");
  if (body.stream_options != null && body.stream !== true) {
    throw badRequest("Stream options can only be defined when `stream=True`.", "stream_options");
  }
  return {
    maxTokens: maxTokens ?? undefined,
    stops,
    keepStop: body.include_stop_str_in_output ?? false,
    priority: body.priority ?? 0,
    form: readForm(body),
  };
}

function readForm({
  response_format: format,
  structured_outputs: structured,
}: ChatCompletionBody | TextCompletionBody) {
  if (structured?.json != null) return { kind: "schema", schema: readSchema(structured.json) } as const;
  if (structured?.choice != null) return { kind: "choice", choices: structured.choice } as const;
  if (structured?.json_object === true) return { kind: "object" } as const;
  if (structured?.regex != null || structured?.grammar != null) {
    throw badRequest("The simulator generates no text by regex or grammar.", "structured_outputs");
  }
  if (format?.type === "json_schema" && format.json_schema.schema != null) {
    return { kind: "schema", schema: format.json_schema.schema } as const;
  }
  return format?.type === "json_object" ? ({ kind: "object" } as const) : undefined;
}

function readSchema(schema: JsonSchema | string): JsonSchema {
  if (typeof schema !== "string") return schema;
  try {
    return jsonSchemaSchema.parse(JSON.parse(schema));
  } catch {
    throw badRequest("structured_outputs.json is not a JSON schema.", "structured_outputs");
  }
}
