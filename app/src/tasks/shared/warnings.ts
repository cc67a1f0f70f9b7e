import { z } from "zod";

/** What an answer lacks although the request wanted it, as codes. The answer itself is good. */
const WARNINGS = {
  RETRIEVAL_UNAVAILABLE: "made without your stored texts, which could not be searched",
  CHANGES_TRUNCATED: "some of the material did not fit into the prompt and was left out",
  SUMMARY_FAILED: "a file could not be summarised; the start of its change stands in its place",
  ANSWER_TRUNCATED: "the text was cut off at its token limit and ends in the middle; it is kept as it is",
  SECRETS_REDACTED: "secrets in the material were hidden from the model; see `redacted`",
  NOT_STORED:
    "the text is not kept, and its `id` is null: the database did not answer, or no model wrote it (`degraded`)",
  NOT_INDEXED: "the text is kept, but retrieval will not find it",
  FEWER_QUESTIONS: "fewer questions than asked for are different enough",
  NOT_COMPARED: "the questions could not be compared by meaning: `similarity` is null, duplicates may remain",
} as const;

type WarningCode = keyof typeof WARNINGS;

/** The field of an answer that holds some of the warnings, each described. */
export function warningsSchema<Code extends WarningCode>(codes: readonly [Code, ...Code[]]) {
  const said = codes.map((code) => `${code}: ${WARNINGS[code]}`).join("; ");
  return z.array(z.enum(codes)).describe(`Empty where nothing is missing. ${said}`);
}
