import type { AnswerFormat, ContentLanguage, FittedPrompt } from "../../shared/prompts/prompt";

export interface NewsMaterial {
  readonly title?: string | undefined;
  readonly text: string;
  readonly maxSentences: number;
  readonly language: ContentLanguage;
}

/** One version of the prompt of `/news`, which stays within `budgetTokens` estimated tokens. */
export interface NewsPrompts {
  readonly version: string;
  readonly news: (material: NewsMaterial, format: AnswerFormat, budgetTokens: number) => FittedPrompt;
}
