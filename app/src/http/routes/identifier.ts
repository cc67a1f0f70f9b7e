import { z } from "zod";

/** Neither control characters nor halves of surrogate pairs. */
const WRITABLE = /^[^\p{Cc}\p{Cs}]*$/u;

/**
 * A name that stored things are kept apart by. PostgreSQL's texts hold no U+0000, and every lone surrogate becomes the
 * same U+FFFD in UTF-8, which would make one user of two.
 */
export function identifier(mostChars: number) {
  return z.string().min(1).max(mostChars).regex(WRITABLE, { error: "must not hold control characters" });
}
