import type { AnswerFormat, ContentLanguage, FittedPrompt, Note } from "../../shared/prompts/prompt";
import type { WeighedFile, WeighedRepository } from "../changes/weigh-changes";

/** Kinds of material that a TIL is written from. Each is a domain of its own for adapters and stored notes. */
export const TIL_DOMAINS = ["commit", "paper", "note"] as const;

export type TilDomain = (typeof TIL_DOMAINS)[number];

export interface TilMaterial {
  readonly user: string;
  /** ISO date of the day. */
  readonly date: string;
  readonly language: ContentLanguage;
  readonly domain: TilDomain;
  /** Of domain `commit`; empty in the others. */
  readonly repositories: readonly WeighedRepository[];
  /** Whether the repositories' patches are summaries of what changed instead of diffs. */
  readonly summarised: boolean;
  /** Of the other domains. */
  readonly text?: { readonly title?: string | undefined; readonly body: string } | undefined;
  readonly notes: readonly Note[];
}

export interface PatchMaterial {
  readonly file: WeighedFile;
  readonly language: ContentLanguage;
}

/** One version of the prompts of `/til`. Each function keeps the prompt within `budgetTokens` estimated tokens. */
export interface TilPrompts {
  readonly version: string;
  readonly til: (material: TilMaterial, format: AnswerFormat, budgetTokens: number) => FittedPrompt;
  /** What one file's change is for. @default the version has none: changes are never summarised file by file */
  readonly patchSummary?: (material: PatchMaterial, budgetTokens: number) => FittedPrompt;
}
