import type { PromptVersion } from "../config/prompt-version";
import type { InterviewPrompts } from "../tasks/interview/prompts/interview-prompts";
import { interviewPrompt as interviewV1 } from "../tasks/interview/prompts/v1";
import { interviewPrompt } from "../tasks/interview/prompts/v2";
import type { NewsPrompts } from "../tasks/news/prompts/news-prompts";
import { newsPrompt } from "../tasks/news/prompts/v1";
import { patchSummaryPrompt } from "../tasks/til/prompts/patch-summary";
import type { TilPrompts } from "../tasks/til/prompts/til-prompts";
import { tilPrompt as tilV1 } from "../tasks/til/prompts/v1";
import { tilPrompt } from "../tasks/til/prompts/v2";

/**
 * One version of every task's prompt. A version that was released is not changed any more: cached answers and recorded explanations name it.
 */
export interface PromptSet extends TilPrompts, InterviewPrompts, NewsPrompts {}

/** Every version that the app ships, oldest first. v2 added earlier notes, other domains and summaries by file. */
const VERSIONS = {
  v1: { version: "v1", til: tilV1, interview: interviewV1, news: newsPrompt },
  // News did not change.
  v2: { version: "v2", til: tilPrompt, patchSummary: patchSummaryPrompt, interview: interviewPrompt, news: newsPrompt },
} as const satisfies Record<PromptVersion, PromptSet>;

/** The prompts of a version. @default the newest */
export function promptSet(version: PromptVersion = "v2"): PromptSet {
  return VERSIONS[version];
}
