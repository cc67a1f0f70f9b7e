import { existsSync } from "node:fs";
import { join } from "node:path";
import { turnFor } from "../turns";
import { type Redaction, redactTexts } from "./redact-texts";
import { RedactionThread } from "./redaction-thread";

/** Beside the bundle; run from source there is none, and everything is searched here. */
const WORKER_FILE = join(__dirname, "redaction-worker.js");

let thread: RedactionThread | undefined;

/** {@link redactTexts}, without blocking the event loop for a long text. */
export async function redact(texts: readonly string[]): Promise<Redaction> {
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  const turn = turnFor(chars);
  if (turn === undefined) return redactTexts(texts);
  if (thread === undefined && existsSync(WORKER_FILE)) thread = new RedactionThread(WORKER_FILE);
  // Copying the texts there and back takes a turn each.
  await turn;
  return thread === undefined ? redactTexts(texts) : thread.redact(texts);
}
