import type { ChatMessage } from "../../../engines/client/protocol";

export type ContentLanguage = "ko" | "en";

/** A rendered request to a model. */
export interface Prompt {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  readonly temperature: number;
}

/** `json`: an object of the task's schema; `markdown`: text as it is shown, for streams. */
export type AnswerFormat = "json" | "markdown";

/** A prompt with what became of its material. */
export interface FittedPrompt extends Prompt {
  /** Whether some of the material was left out because it would not fit. */
  readonly cut: boolean;
}

/** A prompt that can be rendered again with less of its material, for an engine that finds it too long. */
export interface ShortenablePrompt extends FittedPrompt {
  /** @param share of the budget, above 0 and below 1 */
  readonly shortened: (share: number) => FittedPrompt;
}

/** @param budgetTokens estimated tokens that the prompt may take at most */
export function shortenable(render: (budgetTokens: number) => FittedPrompt, budgetTokens: number): ShortenablePrompt {
  return { ...render(budgetTokens), shortened: (share) => render(Math.floor(budgetTokens * share)) };
}

/** An earlier note of the same user, put into a prompt as context. */
export interface Note {
  readonly title: string;
  /** ISO date of the day that it is about. */
  readonly date: string;
  readonly text: string;
}

/** A prompt of instructions and material. The material is in the user's turn alone. */
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

/** Tags around material. */
export type MaterialTag = "file" | "note" | "til" | "article" | "asked";

const ANY_TAG = /<(?=\/?(?:file|note|til|article|asked)\b)/gi;

/**
 * Text between tags, as data. Any such tag inside it is made harmless, opening or closing, so that material can neither
 * end its own section nor begin one that looks like another.
 */
export function tagged(tag: MaterialTag, attributes: Readonly<Record<string, string>>, text: string): string {
  const open = Object.entries(attributes).map(([name, value]) => ` ${name}="${value.replace(/["<>\n\r]/g, " ")}"`);
  return `<${tag}${open.join("")}>\n${text.replace(ANY_TAG, "< ")}\n</${tag}>`;
}
