/** Versions of the prompt files, oldest first. */
export const PROMPT_VERSIONS = ["v1", "v2"] as const;

export type PromptVersion = (typeof PROMPT_VERSIONS)[number];

export const NEWEST_PROMPT_VERSION: PromptVersion = "v2";
