import { z } from "zod";
import type { Task } from "../contract";

/** Where one task's answers come from, as the gateway uses it. */
export interface ModelTarget {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** Model name as the engine serves it. @default the first model that the engine lists */
  readonly model?: string | undefined;
  /** Most requests in flight to this model from this gateway. */
  readonly concurrency: number;
}

/** Task → model. A task without an entry has no route that uses it yet. */
export type ModelTable = Readonly<Record<Exclude<Task, "chat">, ModelTarget>> & {
  readonly chat?: ModelTarget | undefined;
};

/** An OpenAI-compatible base URL; a trailing slash is dropped. */
export const baseUrlSchema = z
  .url({ protocol: /^https?$/, error: "must be an http(s) URL ending in /v1" })
  .transform((url) => url.replace(/\/+$/, ""))
  .refine((url) => url.endsWith("/v1"), { error: "must end in /v1" });

const entrySchema = z.strictObject({
  baseUrl: baseUrlSchema,
  model: z.string({ error: "must be the model's name" }).min(1, { error: "must be the model's name" }),
  concurrency: z
    .int({ error: "must be a whole number of at least 1" })
    .min(1, { error: "must be a whole number of at least 1" }),
});

/** The value of `MODEL_TABLE`: JSON in a string. */
export const modelTableSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be JSON" });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .strictObject({ til: entrySchema, news: entrySchema, interview: entrySchema, chat: entrySchema.optional() })
      .superRefine((table, context) => {
        const limits = new Map<string, { task: string; concurrency: number }>();
        for (const [task, entry] of Object.entries(table)) {
          if (entry === undefined) continue;
          const key = `${entry.baseUrl} ${entry.model}`;
          const seen = limits.get(key);
          if (seen === undefined) limits.set(key, { task, concurrency: entry.concurrency });
          else if (seen.concurrency !== entry.concurrency)
            context.addIssue({
              code: "custom",
              path: [task, "concurrency"],
              message: `must equal that of "${seen.task}" (${seen.concurrency}), which uses the same model`,
            });
        }
      }),
  );

/** A table in which one model answers every task. */
export function singleModelTable(target: ModelTarget): ModelTable {
  return { til: target, news: target, interview: target };
}
