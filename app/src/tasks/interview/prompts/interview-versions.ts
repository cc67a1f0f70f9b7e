import type { PromptVersion } from "../../../config/prompt-version";
import type { InterviewPrompts } from "./interview-prompts";
import { interviewPromptV1 } from "./v1";
import { interviewPromptV2 } from "./v2";

/** A released version does not change: recorded explanations name it. */
export const INTERVIEW_PROMPTS: Readonly<Record<PromptVersion, InterviewPrompts>> = {
  v1: { version: "v1", interview: interviewPromptV1 },
  // With earlier notes.
  v2: { version: "v2", interview: interviewPromptV2 },
};
