import { createHash } from "node:crypto";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The point id of a natural key: the MD5 of its parts joined by colons, as a UUID.
 * @public The review analysis will give its points these ids.
 */
export function pointId(...parts: readonly (string | number)[]): string {
  const digest = createHash("md5").update(parts.join(":")).digest("hex");
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Whether a text is a UUID in lower case, the one form of point ids that both stores keep and sort alike. */
export function isPointId(text: string): boolean {
  return UUID.test(text);
}
