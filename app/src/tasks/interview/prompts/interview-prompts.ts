import type { ContentLanguage, FittedPrompt, Note } from "../../shared/prompts/prompt";

export type InterviewLevel = 1 | 2 | 3;

export interface InterviewMaterial {
  readonly language: ContentLanguage;
  readonly level: InterviewLevel;
  readonly category?: string | undefined;
  /** How many questions. */
  readonly count: number;
  /** What the questions are about. Without it they are about the notes. */
  readonly til?: { readonly title?: string | undefined; readonly body: string } | undefined;
  readonly notes: readonly Note[];
  /** Questions that were made already and must not be repeated. */
  readonly asked: readonly string[];
}

/** One version of the prompt of `/interview`, which stays within `budgetTokens` estimated tokens. */
export interface InterviewPrompts {
  readonly version: string;
  readonly interview: (material: InterviewMaterial, budgetTokens: number) => FittedPrompt;
}
