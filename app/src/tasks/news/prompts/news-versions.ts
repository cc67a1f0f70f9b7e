import type { PromptVersion } from "../../../config/prompt-version";
import type { NewsPrompts } from "./news-prompts";
import { newsPromptV1 } from "./v1";

/** A released version does not change: cached answers and recorded explanations name it. */
export const NEWS_PROMPTS: Readonly<Record<PromptVersion, NewsPrompts>> = {
  v1: { version: "v1", news: newsPromptV1 },
  // The same prompt.
  v2: { version: "v2", news: newsPromptV1 },
};
