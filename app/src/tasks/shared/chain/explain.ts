import { z } from "zod";

/** How an answer came about, for `?explain=true`. Also the part of a route's response schema that describes it. */
export const explainSchema = z.object({
  retrieval: z
    .enum(["used", "empty", "off", "unavailable"])
    .describe(
      "used: texts stand in the prompt; empty: none was near enough; off: not asked for; unavailable: the store or the embedder did not answer, and the answer was made without",
    ),
  embedder: z.string().nullable().describe("What turned texts into vectors"),
  retrieved: z
    .array(
      z.object({
        id: z.string(),
        score: z.number().describe("Calibrated cosine to the query"),
        in_prompt: z.boolean().describe("false: a near-duplicate, or over the budget"),
      }),
    )
    .describe("Nearest first"),
  prompt_version: z.string(),
  prompt_tokens: z.int().nonnegative().describe("Of the rendered prompt, counted here before it was sent"),
  stages_ms: z.object({ retrieve: z.number(), prompt: z.number(), generate: z.number() }),
});

export type Explain = z.output<typeof explainSchema>;
