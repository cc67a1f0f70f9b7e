import { ENV } from "../contract/variables";
import { PROMPT_VERSIONS } from "./prompt-version";
import { choice, headerText, httpUrl, modelAt, openAiUrl, wholeNumber } from "./value-kinds";
import { optionalVariable, variable } from "./variable";

/** What a prompt is made of. */
export const GENERATION_VARIABLES = {
  promptBudgetTokens: variable({
    name: ENV.promptBudgetTokens,
    about: "Size of a rendered prompt; diffs are cut by hunk to fit",
    value: wholeNumber({ from: 500, to: 1_000_000, unit: "tokens (estimated)" }),
    /** Leaves 2,192 tokens for the answer in the 8,192-token context of R-26. */
    default: 6_000,
  }),
  contextBudgetTokens: variable({
    name: ENV.contextBudgetTokens,
    about: "Part of a prompt that retrieved context may take; 0 leaves retrieval out",
    value: wholeNumber({ from: 0, to: 100_000, unit: "tokens" }),
    /** A third of the prompt's 6,000. */
    default: 2_000,
  }),
  topK: variable({
    name: ENV.topK,
    about: "Neighbours that retrieval asks for",
    value: wholeNumber({ from: 1, to: 200, unit: "passages" }),
    /** Source: R-71. */
    default: 20,
  }),
  promptVersion: optionalVariable({
    name: ENV.promptVersion,
    about: "Version of the prompt files",
    value: choice(PROMPT_VERSIONS),
    unset: "the newest",
    example: "v2",
  }),
  tokenCount: variable({
    name: ENV.tokenCount,
    about: "How prompts are counted: by the tokenizer of Gemma 3 (400 MB of memory), or estimated by script",
    value: choice(["exact", "estimate"]),
    default: "estimate",
  }),
  qdrantUrl: optionalVariable({
    name: ENV.qdrantUrl,
    about: "Qdrant's REST endpoint",
    value: httpUrl,
    unset: "LanceDB in `DATA_DIR`",
    example: "http://10.0.0.7:6333",
  }),
  qdrantApiKey: optionalVariable({
    name: ENV.qdrantApiKey,
    about: "Qdrant's API key; a secret",
    value: headerText,
    secret: true,
    unset: "none is sent",
    example: "…",
  }),
  embedUrl: optionalVariable({
    name: ENV.embedUrl,
    about: "OpenAI-compatible embeddings (text-embeddings-inference, vLLM)",
    value: openAiUrl,
    unset: "hashed character n-grams, named as such in answers",
    example: "http://127.0.0.1:8200/v1",
  }),
  embedModel: optionalVariable({
    name: ENV.embedModel,
    about: "Model name at `EMBED_URL`",
    value: modelAt(ENV.embedUrl),
    needs: ENV.embedUrl,
    unset: "the first model that the server lists",
    example: "jhgan/ko-sbert-multitask",
  }),
  embedApiKey: optionalVariable({
    name: ENV.embedApiKey,
    about: "Bearer token sent to `EMBED_URL`; a secret",
    value: headerText,
    secret: true,
    unset: "none is sent",
    example: "…",
  }),
} as const;
