const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Bytes that one event may take: the whole text of an 8,192-token answer is 32 KiB. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Cuts a stream of server-sent events, without reading them, into blocks of whole events. Engines write one event a
 * chunk, so a block mostly is the chunk itself: nothing is copied.
 */
export class EventBlocks {
  #partial: Buffer | undefined;

  /**
   * The whole events that these bytes complete; `undefined` where they complete none.
   * @throws Error when an event grows beyond 1 MiB
   */
  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    const end = endOfEvents(bytes);
    this.#partial = end === bytes.length ? undefined : bytes.subarray(end);
    if (this.#partial !== undefined && this.#partial.length > MAX_EVENT_BYTES) throw new Error("an event without end");
    if (end === 0) return undefined;
    return end === bytes.length ? bytes : bytes.subarray(0, end);
  }

  /** What came after the last whole event. */
  rest(): Buffer | undefined {
    return this.#partial;
  }
}

/** Index after the last empty line; 0 where there is none. */
function endOfEvents(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(LINE_FEED); at > 0; at = bytes.lastIndexOf(LINE_FEED, at - 1)) {
    const before = bytes[at - 1];
    if (before === LINE_FEED) return at + 1;
    if (before === CARRIAGE_RETURN && bytes[at - 2] === LINE_FEED) return at + 1;
  }
  return 0;
}
