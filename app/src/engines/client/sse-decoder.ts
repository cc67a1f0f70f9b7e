/** Characters that one event may take: the whole text of an 8,192-token answer has some 32,000. */
const MAX_EVENT_CHARS = 1024 * 1024;

/**
 * Takes server-sent events apart, whatever the chunk boundaries (WHATWG HTML §9.2.6). Gives the `data` of each event;
 * other fields and comments are skipped, and an event that the stream cuts off is dropped, as the standard requires.
 * Looks at each character once.
 */
export class SseDecoder {
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  /** Half of a CRLF, perhaps: the next chunk says. */
  #carriageReturn = false;
  /** The line that has not ended. */
  #line = "";
  #data: string[] = [];
  #dataChars = 0;

  /** The events that these bytes complete. @throws Error when an event grows beyond 1 MiB */
  push(bytes: Uint8Array): string[] {
    this.#decoder ??= new TextDecoder();
    return this.pushText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The same of a text: cheaper where all of it is here. */
  pushText(text: string): string[] {
    const whole = this.#carriageReturn ? `\r${text}` : text;
    this.#carriageReturn = whole.endsWith("\r");
    const lines = (this.#carriageReturn ? whole.slice(0, -1) : whole).split(/\r\n|\n|\r/);
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop() ?? "";
    const events: string[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length > 0) events.push(this.#data.join("\n"));
        this.#data = [];
        this.#dataChars = 0;
      } else if (line.startsWith("data:")) {
        this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
        this.#dataChars += line.length;
        this.#limit();
      }
    }
    this.#limit();
    return events;
  }

  #limit(): void {
    if (this.#line.length + this.#dataChars > MAX_EVENT_CHARS) throw new Error("an event without end");
  }
}
