/**
 * Characters of a token. ASCII: 3.5, the specification's own rule for text without a tokenizer (§2). Everything else,
 * Hangul above all: 1.5, deliberately few, because a prompt that is estimated too long loses a hunk whereas one that is
 * estimated too short is refused by the engine.
 */
const ASCII_CHARS_PER_TOKEN = 3.5;
const OTHER_CHARS_PER_TOKEN = 1.5;

/** Tokens that a text will take, rounded up. An estimate: the gateway does not load every model's tokenizer. */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) < 0x80) ascii += 1;
  return Math.ceil(ascii / ASCII_CHARS_PER_TOKEN + (text.length - ascii) / OTHER_CHARS_PER_TOKEN);
}

/** The longest start of a text, in whole lines where possible, that is estimated to fit. */
export function fitTokens(text: string, tokens: number): { readonly text: string; readonly cut: boolean } {
  if (estimateTokens(text) <= tokens) return { text, cut: false };
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (estimateTokens(text.slice(0, middle)) <= tokens) low = middle;
    else high = middle - 1;
  }
  const lineEnd = text.lastIndexOf("\n", low);
  return { text: text.slice(0, lineEnd > low / 2 ? lineEnd : low), cut: true };
}
