import { z } from "zod";

/** How much a request matters to its sender while the instance is degraded. */
export const PRIORITIES = ["high", "normal", "low"] as const;

export type Priority = (typeof PRIORITIES)[number];

export const PRIORITY_HEADER = "x-priority";

/** Headers of a generation request; those that are not named here pass, as all do that no schema names. */
export const priorityHeadersSchema = z.object({
  [PRIORITY_HEADER]: z
    .enum(PRIORITIES)
    .optional()
    .describe("What a degraded instance does: high is served, normal (the default) gets a simple answer, low gets 503"),
});
