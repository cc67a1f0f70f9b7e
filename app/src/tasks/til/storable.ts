import type { StoredTil } from "../shared/til-store";

/** Halves of surrogate pairs: what is left where a text was cut inside an emoji. */
const HALVES = /\p{Cs}/gu;

/**
 * A TIL whose texts stores take: PostgreSQL refuses U+0000, and Qdrant half a surrogate pair. A model may write the one,
 * a client send the other; U+FFFD replaces both. Names are checked when a request comes in.
 */
export function storable(til: StoredTil): StoredTil {
  const clean = (text: string) => text.replaceAll("\u0000", "\ufffd").replace(HALVES, "\ufffd");
  return { ...til, title: clean(til.title), content: clean(til.content), keywords: til.keywords.map(clean) };
}
