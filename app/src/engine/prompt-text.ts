import type { TokenCounter } from "../tokens/token-counter";
import type { ChatMessage } from "./protocol";

/** Tokens that a chat template puts around a message. Gemma's `<start_of_turn>user\n…<end_of_turn>\n` is 5; others 4 to 8. */
const TEMPLATE_TOKENS = 5;

/** What the engine will read, in its order; the template's own marks left out. */
export function renderedPrompt(messages: readonly ChatMessage[]): string {
  let text = "";
  for (const { role, content } of messages) text += `${role}\n${content}\n`;
  return text;
}

/** Tokens of a rendered prompt. */
export async function promptTokensOf(text: string, messages: number, counter: TokenCounter): Promise<number> {
  return (await counter.count(text)) + messages * TEMPLATE_TOKENS;
}
