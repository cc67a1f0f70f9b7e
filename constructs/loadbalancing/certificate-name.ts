import { createHash } from "node:crypto";
import { resourceName } from "../../planning/names";

/** Hexadecimal digits of the hash: enough to tell the few domains of one environment apart. */
const HASH_LENGTH = 8;

/**
 * Name of what belongs to one domain, `<prefix>-<hash of the domain>`. Another domain gives another name, so its
 * certificate can stand beside the old one instead of replacing it under the same name.
 * @throws RangeError where the prefix leaves no room in 63 characters.
 */
export function domainResourceName(prefix: string, domain: string): string {
  return resourceName(prefix, createHash("sha256").update(domain).digest("hex").slice(0, HASH_LENGTH));
}
