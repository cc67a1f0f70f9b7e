import { readFileSync } from "node:fs";
import { z } from "zod";

/**
 * A recorded trace: JSON, requests in order of arrival. A prompt is recorded as the segments it consists of, not as text:
 * two segments of one id have the same tokens, so what prompts share is recorded and their content is not.
 */
const traceSchema = z.object({
  requests: z
    .array(
      z.object({
        /** Milliseconds since the trace began. */
        atMs: z.number().min(0),
        task: z.string(),
        class: z.enum(["interactive", "batch"]),
        prompt: z.array(z.object({ id: z.string(), tokens: z.int().min(1) })).min(1),
        answerTokens: z.int().min(1),
        maxTokens: z.int().min(1),
      }),
    )
    .min(1),
});

export type Trace = z.output<typeof traceSchema>;
export type TraceRequest = Trace["requests"][number];
export type Segment = TraceRequest["prompt"][number];

/** @throws Error that names the file and what is wrong in it */
export function readTrace(path: string): Trace {
  const result = traceSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!result.success) throw new Error(`${path} is no trace: ${z.prettifyError(result.error)}`);
  return { requests: result.data.requests.toSorted((a, b) => a.atMs - b.atMs) };
}

/** Tokens of a request's prompt. */
export function promptLength({ prompt }: Pick<TraceRequest, "prompt">): number {
  return prompt.reduce((sum, segment) => sum + segment.tokens, 0);
}
