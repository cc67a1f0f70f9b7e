import type { ControlTokens } from "./control-tokens";

/** What a family of models does in its own way, beyond OpenAI's protocol. */
export interface ModelFamily {
  readonly controlTokens: ControlTokens;
  /** Whether the chat template takes a system message. */
  readonly systemRole: boolean;
  /** Whether the chat template opens the reasoning in the prompt, so that answers begin inside it, without a tag. */
  readonly opensReasoning: boolean;
}

const UNKNOWN: ModelFamily = { controlTokens: "any", systemRole: true, opensReasoning: false };

/** Families by the names that engines serve their models under, the first that matches. */
const FAMILIES: readonly (readonly [RegExp, ModelFamily])[] = [
  // Their templates end in `<think>\n`.
  [/deepseek-?r1|qwq|qwen-?3.*thinking/i, { controlTokens: "piped", systemRole: true, opensReasoning: true }],
  // Up to version 0.2, and Gemma before 3, raise an exception at a system message, which vLLM answers 400; later ones put
  // it before the user's text themselves.
  [/mistral|mixtral/i, { controlTokens: "mistral", systemRole: false, opensReasoning: false }],
  [/gemma-?[12]?-\d+b/i, { controlTokens: "gemma", systemRole: false, opensReasoning: false }],
  [/gemma/i, { controlTokens: "gemma", systemRole: true, opensReasoning: false }],
  [/qwen|llama-?3|phi-?\d/i, { controlTokens: "piped", systemRole: true, opensReasoning: false }],
];

/** The family of a model, by the name under which its engine serves it. */
export function familyOf(model: string): ModelFamily {
  return FAMILIES.find(([name]) => name.test(model))?.[1] ?? UNKNOWN;
}
