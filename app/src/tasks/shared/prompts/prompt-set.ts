import type { ChangedFile, RepositoryChange } from "../../til/changes/changed-file";
import type { ContentLanguage, Prompt } from "./prompt";

/** Kinds of material that a TIL is written from. Each is a domain of its own for adapters and stored notes. */
export const TIL_DOMAINS = ["commit", "paper", "note"] as const;

export type TilDomain = (typeof TIL_DOMAINS)[number];

/** An earlier note of the same user, put into a prompt as context. */
export interface Note {
  readonly title: string;
  /** ISO date of the day that it is about. */
  readonly date: string;
  readonly text: string;
}

export interface TilMaterial {
  readonly user: string;
  /** ISO date of the day. */
  readonly date: string;
  readonly language: ContentLanguage;
  readonly domain: TilDomain;
  /** Of domain `commit`; empty in the others. */
  readonly repositories: readonly RepositoryChange[];
  /** Whether the repositories' patches are summaries of what changed instead of diffs. */
  readonly summarised: boolean;
  /** Of the other domains. */
  readonly text?: { readonly title?: string | undefined; readonly body: string } | undefined;
  readonly notes: readonly Note[];
}

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
  /** Questions that stand already and are not to be asked again. */
  readonly asked: readonly string[];
}

export interface NewsMaterial {
  readonly title?: string | undefined;
  readonly text: string;
  readonly maxSentences: number;
  readonly language: ContentLanguage;
}

export interface PatchMaterial {
  readonly file: ChangedFile;
  readonly language: ContentLanguage;
}

/** `json`: an object of the task's schema; `markdown`: text as it is shown, for streams. */
export type AnswerFormat = "json" | "markdown";

/** A prompt with what became of its material. */
export interface FittedPrompt extends Prompt {
  /** Whether some of the material was left out because it would not fit. */
  readonly cut: boolean;
}

/**
 * One version of every task's prompt. A version that was released is not changed any more: cached answers and recorded
 * explanations name it. Each function keeps the prompt within `budgetTokens` estimated tokens.
 */
export interface PromptSet {
  readonly version: string;
  readonly til: (material: TilMaterial, format: AnswerFormat, budgetTokens: number) => FittedPrompt;
  /** What one file's change is for. @default the version has none: changes are never summarised file by file */
  readonly patchSummary?: (material: PatchMaterial, budgetTokens: number) => FittedPrompt;
  readonly interview: (material: InterviewMaterial, budgetTokens: number) => FittedPrompt;
  readonly news: (material: NewsMaterial, format: AnswerFormat, budgetTokens: number) => FittedPrompt;
}
