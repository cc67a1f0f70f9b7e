import { engineUnavailable } from "./engine-errors";
import { saysGone } from "./engine-refusal";
import { errorObjectText } from "./error-object";
import { SseDecoder } from "./sse-decoder";

const DATA = "data: ";
const EVENT_END = "\n\n";
/** How some engines name an error in a stream; vLLM and OpenAI's API send one with a top-level `error` instead. */
const ERROR_NAME = /^event: ?error\s*$/m;

/**
 * Checks that a block of whole events holds chunks of a completion, comments and `[DONE]`, and nothing else: an engine's
 * rubbish would reach the client as it is, and its error events quote its own words.
 * @throws AppError 503 where the engine says that it has died; Error where the block holds anything else
 */
export function checkChunks(block: Buffer): void {
  // Outside of strings JSON is ASCII, and in them any character may be: decoding as UTF-8 would change no verdict.
  const text = block.toString("latin1");
  const single = text.startsWith(DATA) && text.indexOf("\n") === text.length - EVENT_END.length;
  if (single) {
    checkChunk(text.slice(DATA.length, -EVENT_END.length));
    return;
  }
  if (ERROR_NAME.test(text)) throw new Error(`error in a stream: ${text.slice(0, 500)}`);
  for (const data of new SseDecoder().pushText(text)) checkChunk(data);
}

function checkChunk(data: string): void {
  if (data === "[DONE]") return;
  const event: unknown = JSON.parse(data);
  if (errorObjectText(event) !== undefined) {
    const cause = new Error(`error in a stream: ${data.slice(0, 500)}`);
    throw saysGone(data) ? engineUnavailable(cause, "500") : cause;
  }
  if (typeof event === "object" && event !== null && "choices" in event) {
    if (Array.isArray(event.choices)) {
      for (const choice of event.choices) checkEnd(choice);
      return;
    }
    if (event.choices === null && "usage" in event) return;
  }
  throw new Error(`no chunk of a completion: ${data.slice(0, 500)}`);
}

/** Reasons with which an engine ends an answer that it gave up. */
const GIVEN_UP: ReadonlySet<unknown> = new Set(["abort", "error"]);

function checkEnd(choice: unknown): void {
  if (typeof choice !== "object" || choice === null || !("finish_reason" in choice)) return;
  if (GIVEN_UP.has(choice.finish_reason)) throw new Error(`the answer ended with ${String(choice.finish_reason)}`);
}
