import type { PromptVersion } from "../../../config/prompt-version";
import { patchSummaryPrompt } from "./patch-summary";
import type { TilPrompts } from "./til-prompts";
import { tilPromptV1 } from "./v1";
import { tilPromptV2 } from "./v2";

/** A released version does not change: cached answers and recorded explanations name it. */
export const TIL_PROMPTS: Readonly<Record<PromptVersion, TilPrompts>> = {
  v1: { version: "v1", til: tilPromptV1 },
  // With earlier notes, other domains, and summaries by file.
  v2: { version: "v2", til: tilPromptV2, patchSummary: patchSummaryPrompt },
};
