import { isUtf8 } from "node:buffer";
import type { FastifyRequest } from "fastify";
import { AppError } from "../shared/errors/app-error";

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i;
/** Names of UTF-8, and of the part of it that ASCII is. */
const UTF8_NAMES: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii", "ascii"]);
/** Characters of a client's header that an error repeats. */
const MAX_NAMED_CHARS = 40;
const REPLACEMENT = "\ufffd";
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/**
 * `UNSUPPORTED_ENCODING` or `UNSUPPORTED_CHARSET` (415) for a body that its headers say to be compressed, or in another charset. JSON
 * is UTF-8 and has no charset (RFC 8259 §8.1, §11): what a client declares otherwise would be read wrongly.
 */
export function encodingProblem(headers: FastifyRequest["headers"]): AppError | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity")
    return new AppError("UNSUPPORTED_ENCODING", { params: { encoding: encoding.slice(0, MAX_NAMED_CHARS) } });
  const charset = CHARSET.exec(headers["content-type"] ?? "")?.[1];
  if (charset !== undefined && !UTF8_NAMES.has(charset.toLowerCase()))
    return new AppError("UNSUPPORTED_CHARSET", { params: { charset: charset.slice(0, MAX_NAMED_CHARS) } });
  return undefined;
}

/** `NOT_UTF8` (400) for a body that is not UTF-8: decoded, it would have U+FFFD, unnoticed, in the place of what was meant. */
export function utf8Problem(bytes: Buffer): AppError | undefined {
  return isUtf8(bytes) ? undefined : new AppError("NOT_UTF8", { params: { at: firstForeignByte(bytes) + 1 } });
}

/** Bytes that are searched for a foreign one at a time: whole ones are passed over by the gigabyte a second. */
const SEARCHED_BYTES = 65_536;

/** Offset of the first byte that is no UTF-8. */
function firstForeignByte(bytes: Buffer): number {
  for (let from = 0; ; ) {
    let to = Math.min(from + SEARCHED_BYTES, bytes.length);
    // Not within a character, of which the bytes after the first begin with the bits 10.
    while (to > from + 1 && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1;
    const part = bytes.subarray(from, to);
    if (!isUtf8(part)) return from + firstForeignByteOf(part);
    if (to === bytes.length) return to;
    from = to;
  }
}

function firstForeignByteOf(bytes: Buffer): number {
  const text = bytes.toString();
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    // The client may have written U+FFFD itself.
    if (!bytes.subarray(offset, offset + REPLACEMENT_BYTES.length).equals(REPLACEMENT_BYTES)) return offset;
    offset += REPLACEMENT_BYTES.length;
    from = at + 1;
  }
  return offset;
}
