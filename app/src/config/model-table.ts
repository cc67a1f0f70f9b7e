import { z } from "zod";
import {
  OPTIONAL_TASKS,
  type OptionalTask,
  REQUIRED_TASKS,
  type RequiredTask,
  TASK_NAMES,
  type Task,
  tableOf,
} from "../contract/tasks";

/** Where one task's answers come from, as the gateway uses it. */
export interface ModelTarget {
  /** OpenAI-compatible base URL, ending in `/v1`. One of `baseUrl` and `baseUrls` is there. */
  readonly baseUrl?: string | undefined;
  /** The same of several engines that serve the same model. */
  readonly baseUrls?: readonly string[] | undefined;
  /**
   * `dns`: every address of the host of `baseUrl` is an engine of its own, looked up again every few seconds (a headless
   * Service). @default `static`: each URL is one engine
   */
  readonly discovery?: "static" | "dns" | undefined;
  /** Model name as the engine serves it. @default the first model that the engine lists */
  readonly model?: string | undefined;
  /** Most requests in flight to each engine of this model from this gateway. */
  readonly concurrency: number;
  /** LoRA adapter of the task, by the engine's name for it. @default the base model */
  readonly adapter?: string | undefined;
  /** Most tokens of an answer. @default the prompt's own limit */
  readonly maxTokens?: number | undefined;
  /** Tokens that prompt and answer may take together. @default the engine's own `max_model_len` */
  readonly contextTokens?: number | undefined;
  /** 0 to 2. @default the prompt's own */
  readonly temperature?: number | undefined;
  /** Milliseconds, in the place of `ENGINE_TIMEOUT_MS`. */
  readonly timeoutMs?: number | undefined;
  /** Who answers where this model cannot: another task's model or one of its own. One step: its own fallback is not used. */
  readonly fallback?: Task | ModelTarget | undefined;
}

/** Task → model. Where an optional task has none, that of its row's `modelOf` answers. */
export type ModelTable = Readonly<Record<RequiredTask, ModelTarget>> &
  Readonly<Partial<Record<OptionalTask, ModelTarget | undefined>>>;

/** An OpenAI-compatible base URL; a trailing slash is dropped. */
export const baseUrlSchema = z
  .url({ protocol: /^https?$/, error: "must be an http(s) URL ending in /v1" })
  .transform((url) => url.replace(/\/+$/, ""))
  .refine((url) => url.endsWith("/v1"), { error: "must end in /v1" });

function count(least: number) {
  const error = `must be a whole number of at least ${least}`;
  return z.int({ error }).min(least, { error });
}

const modelName = z.string({ error: "must be the model's name" }).min(1, { error: "must be the model's name" });

const engineSchema = z.strictObject({
  baseUrl: baseUrlSchema.optional(),
  baseUrls: z
    .array(baseUrlSchema, { error: "must be a list of URLs" })
    .min(1, { error: "must name at least one URL" })
    .refine((urls) => new Set(urls).size === urls.length, { error: "must name each URL once" })
    .optional(),
  discovery: z.enum(["static", "dns"], { error: 'must be "static" or "dns"' }).optional(),
  model: modelName,
  concurrency: count(1),
  adapter: z
    .string({ error: "must be an adapter's name" })
    .regex(/^[a-z0-9-]{1,64}$/, { error: "must be an adapter's name: a-z, 0-9 and -, at most 64" })
    .optional(),
  maxTokens: count(1).optional(),
  contextTokens: count(128).optional(),
  temperature: z
    .number({ error: "must be a number from 0 to 2" })
    .min(0, { error: "must be a number from 0 to 2" })
    .max(2, { error: "must be a number from 0 to 2" })
    .optional(),
  timeoutMs: count(100).optional(),
});

type EngineEntry = z.output<typeof engineSchema>;

/** A rule that an entry breaks, and the field that breaks it. */
function endpointProblem(entry: EngineEntry): { readonly field: string; readonly message: string } | undefined {
  const { baseUrl, baseUrls, discovery } = entry;
  if (baseUrl === undefined && baseUrls === undefined)
    return { field: "baseUrl", message: "must be there, or baseUrls" };
  if (baseUrl !== undefined && baseUrls !== undefined)
    return { field: "baseUrls", message: "cannot stand beside baseUrl; put all URLs there" };
  if (discovery !== "dns") return undefined;
  if (baseUrl === undefined)
    return { field: "discovery", message: 'can be "dns" with baseUrl only: one name, many addresses' };
  if (baseUrl.startsWith("https:"))
    return { field: "baseUrl", message: 'must be http where discovery is "dns": a certificate names no address' };
  return undefined;
}

const entrySchema = engineSchema.superRefine((entry, context) => {
  const problem = endpointProblem(entry);
  if (problem !== undefined) context.addIssue({ code: "custom", path: [problem.field], message: problem.message });
});

const FALLBACK_RULE = "must be another task or an entry {baseUrl, model, concurrency}";

const taskSchema = z
  .strictObject({
    ...engineSchema.shape,
    fallback: z.union([z.enum(TASK_NAMES), entrySchema], { error: FALLBACK_RULE }).optional(),
  })
  .superRefine((entry, context) => {
    const problem = endpointProblem(entry);
    if (problem !== undefined) context.addIssue({ code: "custom", path: [problem.field], message: problem.message });
  });

/** Identity of a model: tasks whose targets have the same one share engines, queue and limits. */
export function modelKey(target: ModelTarget): string {
  return `${targetUrls(target).toSorted().join(" ")} ${target.model ?? ""}`;
}

/** Every URL of a target. */
export function targetUrls({ baseUrl, baseUrls }: ModelTarget): readonly string[] {
  return baseUrls ?? (baseUrl === undefined ? [] : [baseUrl]);
}

/** What has to agree between entries of the same model, because it is the model's and not the task's. */
const SHARED_FIELDS = ["concurrency", "contextTokens", "discovery"] as const;

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
      .strictObject({
        ...tableOf(REQUIRED_TASKS, () => taskSchema),
        ...tableOf(OPTIONAL_TASKS, () => taskSchema.optional()),
      })
      .superRefine((table, context) => {
        const seen = new Map<string, { readonly name: string; readonly entry: ModelTarget }>();
        const compare = (path: readonly string[], entry: ModelTarget) => {
          const name = path.join(".");
          const first = seen.get(modelKey(entry)) ?? { name, entry };
          seen.set(modelKey(entry), first);
          for (const field of SHARED_FIELDS) {
            if (first.entry[field] === entry[field]) continue;
            const message = `must equal that of "${first.name}" (${first.entry[field] ?? "none"}), which uses the same model`;
            context.addIssue({ code: "custom", path: [...path, field], message });
          }
        };
        for (const [task, entry] of Object.entries(table)) {
          if (entry === undefined) continue;
          compare([task], entry);
          const { fallback } = entry;
          if (typeof fallback === "object") compare([task, "fallback"], fallback);
          const nowhere = typeof fallback === "string" && (fallback === task || table[fallback] === undefined);
          if (nowhere)
            context.addIssue({
              code: "custom",
              path: [task, "fallback"],
              message: "must be another task of the table",
            });
        }
      }),
  );

/** A table in which one model answers every task. */
export function singleModelTable(target: ModelTarget): ModelTable {
  return tableOf(REQUIRED_TASKS, () => target);
}
