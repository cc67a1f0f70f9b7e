/**
 * The `data` of every server-sent event in a byte stream, whatever the chunk boundaries (WHATWG HTML §9.2.6). Other
 * fields and comments are skipped; an event that the stream cuts off is dropped, as the standard says.
 */
export async function* decodeSse(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let buffer = "";
  let data: string[] = [];
  for await (const chunk of bytes) {
    buffer += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be half of a CRLF: it waits for the next chunk.
    const lines = buffer.split(/\r\n|\n|\r(?!$)/);
    buffer = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield data.join("\n");
        data = [];
      } else if (line.startsWith("data:")) {
        data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      }
    }
  }
}
