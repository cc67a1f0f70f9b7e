import type { PromptSet } from "../tasks/shared/prompts/prompt-set";
import { interviewPrompt as interviewV1 } from "../tasks/interview/prompts/v1";
import { newsPrompt } from "../tasks/news/prompts/v1";
import { tilPrompt as tilV1 } from "../tasks/til/prompts/v1";
import { interviewPrompt } from "../tasks/interview/prompts/v2";
import { patchSummaryPrompt } from "../tasks/til/prompts/patch-summary";
import { tilPrompt } from "../tasks/til/prompts/v2";

/** Every version that the app ships, oldest first. v2 added earlier notes, other domains and summaries by file. */
const VERSIONS = {
  v1: { version: "v1", til: tilV1, interview: interviewV1, news: newsPrompt },
  // News did not change.
  v2: { version: "v2", til: tilPrompt, patchSummary: patchSummaryPrompt, interview: interviewPrompt, news: newsPrompt },
} as const satisfies Record<string, PromptSet>;

export type PromptVersion = keyof typeof VERSIONS;

/** Names of the versions, oldest first. */
export const PROMPT_VERSIONS = ["v1", "v2"] as const satisfies readonly PromptVersion[];

/** The prompts of a version. @default the newest */
export function promptSet(version: PromptVersion = "v2"): PromptSet {
  return VERSIONS[version];
}
