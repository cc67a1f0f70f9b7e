import { z } from "zod";
import { ENV } from "../contract";
import { baseUrlSchema } from "./model-table";
import { PROMPT_VERSIONS } from "./prompt-version";
import { httpUrl, printable, variable, wholeNumber } from "./variable";

/** Defaults, each with its source. */
const DEFAULTS = {
  /** Leaves 2,192 tokens for the answer in the 8,192-token context of R-26. */
  promptBudgetTokens: 6_000,
  /** A third of the prompt's 6,000. */
  contextBudgetTokens: 2_000,
  /** Source: R-71. */
  topK: 20,
} as const;

/** What a prompt is made of. */
export const GENERATION_VARIABLES = {
  promptBudgetTokens: variable({
    name: ENV.promptBudgetTokens,
    about: "Size of a rendered prompt; diffs are cut by hunk to fit",
    unit: "tokens (estimated)",
    unset: String(DEFAULTS.promptBudgetTokens),
    rule: "a whole number from 500 to 1000000",
    example: String(DEFAULTS.promptBudgetTokens),
    schema: wholeNumber(500, 1_000_000).default(DEFAULTS.promptBudgetTokens),
  }),
  contextBudgetTokens: variable({
    name: ENV.contextBudgetTokens,
    about: "Part of a prompt that retrieved context may take; 0 leaves retrieval out",
    unit: "tokens",
    unset: String(DEFAULTS.contextBudgetTokens),
    rule: "a whole number from 0 to 100000",
    example: String(DEFAULTS.contextBudgetTokens),
    schema: wholeNumber(0, 100_000).default(DEFAULTS.contextBudgetTokens),
  }),
  topK: variable({
    name: ENV.topK,
    about: "Neighbours that retrieval asks for",
    unit: "passages",
    unset: String(DEFAULTS.topK),
    rule: "a whole number from 1 to 200",
    example: String(DEFAULTS.topK),
    schema: wholeNumber(1, 200).default(DEFAULTS.topK),
  }),
  promptVersion: variable({
    name: ENV.promptVersion,
    about: "Version of the prompt files",
    unit: "name",
    unset: "the newest",
    rule: `one of ${PROMPT_VERSIONS.join(", ")}`,
    example: "v2",
    schema: z.enum(PROMPT_VERSIONS).optional(),
  }),
  tokenCount: variable({
    name: ENV.tokenCount,
    about: "How prompts are counted: by the tokenizer of Gemma 3 (400 MB of memory), or estimated by script",
    unit: "name",
    unset: "`estimate`",
    rule: "exact or estimate",
    example: "exact",
    schema: z.enum(["exact", "estimate"]).default("estimate"),
  }),
  qdrantUrl: variable({
    name: ENV.qdrantUrl,
    about: "Qdrant's REST endpoint",
    unit: "URL",
    unset: "LanceDB in `DATA_DIR`",
    rule: "an http(s) URL",
    example: "http://10.0.0.7:6333",
    schema: httpUrl().optional(),
  }),
  qdrantApiKey: variable({
    name: ENV.qdrantApiKey,
    about: "Qdrant's API key; a secret",
    unit: "text",
    unset: "none is sent",
    rule: "printable ASCII without spaces",
    example: "…",
    secret: true,
    schema: printable().optional(),
  }),
  embedUrl: variable({
    name: ENV.embedUrl,
    about: "OpenAI-compatible embeddings (text-embeddings-inference, vLLM)",
    unit: "URL",
    unset: "hashed character n-grams, named as such in answers",
    rule: "an http(s) URL ending in /v1",
    example: "http://127.0.0.1:8200/v1",
    schema: baseUrlSchema.optional(),
  }),
  embedModel: variable({
    name: ENV.embedModel,
    about: "Model name at `EMBED_URL`",
    unit: "name",
    unset: "the first model that the server lists",
    rule: "a model name, with EMBED_URL set",
    example: "jhgan/ko-sbert-multitask",
    schema: z.string().min(1).optional(),
  }),
  embedApiKey: variable({
    name: ENV.embedApiKey,
    about: "Bearer token sent to `EMBED_URL`; a secret",
    unit: "text",
    unset: "none is sent",
    rule: "printable ASCII without spaces",
    example: "…",
    secret: true,
    schema: printable().optional(),
  }),
} as const;
