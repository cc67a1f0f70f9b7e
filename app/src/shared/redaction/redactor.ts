import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Redaction, redactTexts } from "./redact-texts";
import { RedactionThread } from "./redaction-thread";

/** Characters from which texts are searched in a thread of their own: the rules take up to 1 ms for 2,000 of the worst. */
const MAX_CHARS_HERE = 32_000;
/** Beside the bundle; run from source there is none, and everything is searched here. */
const WORKER_FILE = join(__dirname, "redaction-worker.js");

let thread: RedactionThread | undefined;

/** {@link redactTexts}, without blocking the event loop for a long text. */
export async function redact(texts: readonly string[]): Promise<Redaction> {
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  if (chars <= MAX_CHARS_HERE) return redactTexts(texts);
  if (thread === undefined && existsSync(WORKER_FILE)) thread = new RedactionThread(WORKER_FILE);
  return thread === undefined ? redactTexts(texts) : thread.redact(texts);
}
