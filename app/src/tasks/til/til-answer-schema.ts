import { z } from "zod";
import { answerFields, explainField, sourceSchema } from "../shared/generation-options";
import { warningsSchema } from "../shared/warnings";
import { TIL_DOMAINS } from "./prompts/til-prompts";
import { MAX_KEYWORDS } from "./til-draft";

/** A TIL as `POST /til` answers it. */
export const tilSchema = z.object({
  id: z.uuid().nullable().describe("Under which it is kept; null: it is not"),
  user: z.string(),
  date: z.string(),
  domain: z.enum(TIL_DOMAINS),
  repo: z.array(z.string()).describe("Names of the repositories"),
  title: z.string(),
  content: z.string().describe("Markdown"),
  keywords: z.array(z.string()).max(MAX_KEYWORDS),
  sources: z.array(sourceSchema).describe("Earlier notes of the user that the text could build on, nearest first"),
  skipped: z
    .array(z.object({ repo: z.string(), path: z.string(), reason: z.string() }))
    .describe("Files left out whole: binaries, lock files, generated, vendored and minified code"),
  redacted: z.record(z.string(), z.int()).describe("Secrets and personal numbers that were hidden, by kind"),
  warnings: warningsSchema([
    "RETRIEVAL_UNAVAILABLE",
    "CHANGES_TRUNCATED",
    "SUMMARY_FAILED",
    "SECRETS_REDACTED",
    "ANSWER_TRUNCATED",
    "NOT_STORED",
    "NOT_INDEXED",
  ]),
  ...answerFields,
  explain: explainField,
});

const { usage, ...answeredBy } = answerFields;

/** Data of the events of a streamed TIL: before its text, and behind it. */
export const TIL_EVENTS = {
  sources: tilSchema
    .pick({ warnings: true, sources: true, skipped: true, redacted: true, explain: true })
    .extend({ id: z.uuid().describe("Under which it will be kept, see `stored`"), ...answeredBy })
    .meta({ id: "TilSources" }),
  stored: tilSchema
    .pick({ id: true, title: true, keywords: true, warnings: true, usage: true })
    .meta({ id: "TilStored" }),
} as const;
