import { ADAPTER_MOUNT } from "../../contract/endpoints";
import { ENV } from "../../contract/variables";

/** Why a URI is refused, completing "uri …". */
export class AdapterUriError extends Error {
  override readonly name = "AdapterUriError";
}

/** What a path may hold: no `%` (so nothing is decoded a second time), no `\`, no control characters. */
const PATH = /^[A-Za-z0-9._/-]+$/;
/** Characters; Cloud Storage's own limit of an object's name is 1,024 bytes. */
export const MAX_URI_LENGTH = 1_024;

/**
 * The URI of an adapter's folder as it is stored: percent-decoded exactly once, without a trailing slash, and inside an
 * allowed prefix.
 * @param prefixes as `ADAPTER_PREFIXES`: each begins with `gs://` or `/` and ends in `/`
 * @throws AdapterUriError with the rule that is broken
 */
export function canonicalUri(uri: string, prefixes: readonly string[]): string {
  if (prefixes.length === 0) throw new AdapterUriError(`cannot be accepted: ${ENV.adapterPrefixes} is not set`);
  if (uri.length > MAX_URI_LENGTH) throw new AdapterUriError(`must have at most ${MAX_URI_LENGTH} characters`);
  const decoded = decodeOnce(uri).replace(/\/$/, "");
  const path = decoded.startsWith("gs://") ? decoded.slice("gs://".length) : decoded;
  if (!PATH.test(path)) throw new AdapterUriError("may hold letters, digits, . _ - and / only");
  if (path.includes("//")) throw new AdapterUriError("must not hold an empty path segment");
  if (path.split("/").some((segment) => segment === "." || segment === ".."))
    throw new AdapterUriError("must not hold . or .. as a path segment");
  if (!prefixes.some((prefix) => decoded.startsWith(prefix) && decoded.length > prefix.length))
    throw new AdapterUriError(`must lie inside one of ${prefixes.join(", ")}`);
  return decoded;
}

/** A segment of a path that is neither `.` nor `..`: simpler than what {@link canonicalUri} accepts. */
const SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]*";

/** A regular expression, for documents, of URIs that {@link canonicalUri} accepts and leaves as they are. */
export function uriPattern(prefixes: readonly string[]): string {
  const literal = prefixes.map((prefix) => prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return `^(?:${literal.join("|")})${SEGMENT}(?:/${SEGMENT})*$`;
}

function decodeOnce(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    throw new AdapterUriError("is not percent-encoded correctly");
  }
}

/**
 * vLLM's `lora_path` for a URI: vLLM reads adapters from its own disk alone, and a gateway has no part in that disk. A
 * folder of a bucket is expected where gcsfuse shows it when it mounts every bucket under one folder, or where a sync
 * puts it: `gs://BUCKET/PATH` is `/models/adapters/BUCKET/PATH`. A local folder is itself. This is the one place that
 * has the rule.
 */
export function loraPath(uri: string): string {
  return uri.startsWith("gs://") ? `${ADAPTER_MOUNT}/${uri.slice("gs://".length)}` : uri;
}
