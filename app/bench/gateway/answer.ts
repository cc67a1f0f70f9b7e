import { z } from "zod";
import type { Said } from "./load-order";

/** Ends every chunked answer without trailers. No event holds these bytes: line ends inside JSON are escaped. */
const END = Buffer.from("\r\n0\r\n\r\n");
const EVENT = Buffer.from("data: ");
const OK = Buffer.from("HTTP/1.1 200");
const HEAD_END = Buffer.from("\r\n\r\n");

const eventSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().optional() }) })),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
});

/** One streamed HTTP answer as it comes. */
export class Answer {
  readonly #parts: Buffer[] = [];
  #began = false;

  /** Whether the first event is here. Head and body may come apart. */
  get began(): boolean {
    return this.#began;
  }

  /** @returns whether the answer is complete with these bytes */
  push(part: Buffer): boolean {
    this.#parts.push(part);
    this.#began ||= part.includes(EVENT);
    return part.length >= END.length
      ? part.subarray(-END.length).equals(END)
      : this.#bytes().subarray(-END.length).equals(END);
  }

  /** Events counted by the bytes alone. @throws Error where the status is not 200 */
  countEvents(): number {
    const bytes = this.#bytes();
    if (!bytes.subarray(0, OK.length).equals(OK)) throw new Error(bytes.toString("utf8", 0, 300));
    let count = 0;
    for (let at = bytes.indexOf(EVENT); at !== -1; at = bytes.indexOf(EVENT, at + EVENT.length)) count += 1;
    return count;
  }

  /** Reads every event. @throws Error where something is not as it should be */
  read(): Said {
    const bytes = this.#bytes();
    const body = dechunked(bytes.subarray(bytes.indexOf(HEAD_END) + HEAD_END.length));
    const data = body
      .split("\n\n")
      // A comment is a ping.
      .filter((block) => block !== "" && !block.startsWith(":"))
      .map((block) => block.slice(EVENT.length));
    if (data.at(-1) !== "[DONE]") throw new Error(`the answer does not end with [DONE]: ${body.slice(-300)}`);
    const events = data.slice(0, -1).map((text) => eventSchema.parse(JSON.parse(text)));
    return {
      text: events.map(({ choices }) => choices[0]?.delta.content ?? "").join(""),
      events: data.length,
      completionTokens: events.at(-1)?.usage?.completion_tokens ?? 0,
    };
  }

  #bytes(): Buffer {
    if (this.#parts.length > 1) this.#parts.splice(0, this.#parts.length, Buffer.concat(this.#parts));
    return this.#parts[0] ?? Buffer.alloc(0);
  }
}

/** The body of a chunked message (RFC 9112 §7.1). */
function dechunked(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (lineEnd === -1 || Number.isNaN(size)) throw new Error("the answer is not chunked");
    if (size === 0) return Buffer.concat(parts).toString();
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
