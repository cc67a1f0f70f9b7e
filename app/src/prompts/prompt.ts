import type { ChatMessage } from "../engine/protocol";

export type ContentLanguage = "ko" | "en";

/** What a task asks of its model. */
export interface Prompt {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  readonly temperature: number;
}

/** A prompt of instructions and material. The material stands in the user's turn alone. */
export function prompt(system: string, material: string, maxTokens: number, temperature: number): Prompt {
  return {
    messages: [
      { role: "system", content: system },
      { role: "user", content: material },
    ],
    maxTokens,
    temperature,
  };
}

/** Text between tags, with any such closing tag inside it made harmless, so that material cannot end its own section. */
export function tagged(tag: string, attributes: Readonly<Record<string, string>>, text: string): string {
  const open = Object.entries(attributes).map(([name, value]) => ` ${name}="${value.replace(/["<>\n]/g, " ")}"`);
  return `<${tag}${open.join("")}>\n${text.replaceAll(`</${tag}`, `< /${tag}`)}\n</${tag}>`;
}
