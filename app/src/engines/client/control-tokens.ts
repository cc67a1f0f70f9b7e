/** How control tokens of each kind begin; each expression matches the first character alone. */
const KINDS = {
  gemma: /<(?=(?:bos|eos|pad|unk|mask|(?:start|end)_of_(?:turn|image)|image_soft_token|unused\d{1,4})>)/,
  /** Mistral and Llama 2. */
  mistral:
    /<(?=\/?s>|unk>|<\/?SYS>>)|\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|MODEL_SETTINGS|THINK)\]|(?:TOOL_CALLS|ARGS|CALL_ID|IMG|IMG_BREAK|IMG_END|AUDIO|BEGIN_AUDIO|PREFIX|MIDDLE|SUFFIX)\])/,
  /** Llama 3, Qwen, Phi and everybody else's `<|…|>`, and DeepSeek's with full-width bars. */
  piped: /<(?=\|[\w-]{1,64}\|>|｜[^｜\s]{1,64}｜>)/,
} as const;

/** Whose control tokens a model has; `any`: it is not known, so everybody's. */
export type ControlTokens = keyof typeof KINDS | "any";

const EXPRESSIONS: Readonly<Record<ControlTokens, RegExp>> = {
  gemma: new RegExp(KINDS.gemma, "g"),
  mistral: new RegExp(KINDS.mistral, "g"),
  piped: new RegExp(KINDS.piped, "g"),
  any: new RegExp(
    Object.values(KINDS)
      .map(({ source }) => source)
      .join("|"),
    "g",
  ),
};

/**
 * A text in which no control token of the model is left: engines tokenize messages with their special tokens, so that
 * a diff with `<end_of_turn>` would end the user's turn. A space after the first character makes text of it; everything
 * else stays as it is.
 */
export function withoutControlTokens(kind: ControlTokens, text: string): string {
  return text.replace(EXPRESSIONS[kind], "$& ");
}
