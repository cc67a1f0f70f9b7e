import { createHash } from "node:crypto";
import { resourceName } from "../../planning/names";

const HASH_LENGTH = 8;

/** Another domain's certificate can be made beside the old one. @throws RangeError beyond 63 characters. */
export function domainResourceName(prefix: string, domain: string): string {
  return resourceName(prefix, createHash("sha256").update(domain).digest("hex").slice(0, HASH_LENGTH));
}
