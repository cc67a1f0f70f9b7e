/** Bytes of an error reply that are read: the reason is at its beginning. */
export const MAX_ERROR_BYTES = 16 * 1024;

/** The beginning of an error reply; the rest is cancelled. */
export async function readErrorText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(parts).toString("utf8", 0, MAX_ERROR_BYTES);
}
