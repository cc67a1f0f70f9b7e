import { z } from "zod";

const NO_CONTROL_CHARACTERS = /^\P{Cc}*$/u;
/** The same for documents, whose readers may not know `\p{…}`. */
const NO_CONTROL_CHARACTERS_PATTERN = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
const HALF_PAIR = /\p{Cs}/u;

/**
 * A name that stored things are kept apart by. PostgreSQL's texts hold no U+0000, and every lone surrogate becomes the
 * same U+FFFD in UTF-8, which would make one user of two.
 */
export function identifier(mostChars: number) {
  return z
    .string()
    .min(1)
    .max(mostChars)
    .regex(NO_CONTROL_CHARACTERS, { error: "must not hold control characters" })
    .refine((text) => !HALF_PAIR.test(text), {
      error: "must not hold half a surrogate pair (\\ud800 to \\udfff without its other half)",
    })
    .meta({ pattern: NO_CONTROL_CHARACTERS_PATTERN });
}
