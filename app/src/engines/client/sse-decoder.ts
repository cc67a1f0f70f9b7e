/**
 * Takes server-sent events apart, whatever the chunk boundaries (WHATWG HTML §9.2.6). Gives the `data` of each event;
 * other fields and comments are skipped, and an event that the stream cuts off is dropped, as the standard requires.
 */
export class SseDecoder {
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #buffer = "";
  #data: string[] = [];

  /** The events that these bytes complete. */
  push(bytes: Uint8Array): string[] {
    this.#decoder ??= new TextDecoder();
    return this.pushText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The same of a text: cheaper where all of it is here. */
  pushText(text: string): string[] {
    this.#buffer += text;
    // A carriage return at the end may be half of a CRLF: it waits for the next chunk.
    const lines = this.#buffer.split(/\r\n|\n|\r(?!$)/);
    this.#buffer = lines.pop() ?? "";
    const events: string[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length > 0) events.push(this.#data.join("\n"));
        this.#data = [];
      } else if (line.startsWith("data:")) {
        this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      }
    }
    return events;
  }
}
