import { hash, timingSafeEqual } from "node:crypto";
import type { ServiceToken } from "../../contract/service-token";
import type { Caller } from "./caller";

interface Entry {
  readonly digest: Buffer;
  readonly caller: Caller;
}

/** RFC 6750 §2.1; a token of ours has 43 characters, and nothing longer than this is worth hashing. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *$/i;

/**
 * The accepted bearer tokens, as SHA-256. The tokens are 256 random bits, so their hashes need neither salt nor secrecy.
 * The look-up is by hash, so its time is independent of the token; the comparison is constant-time.
 */
export class ServiceTokens {
  readonly #byDigest = new Map<string, Entry>();

  constructor(tokens: readonly ServiceToken[]) {
    for (const { name, role, users = [], sha256 } of tokens) {
      this.#byDigest.set(sha256, { digest: Buffer.from(sha256, "hex"), caller: { name, role, users } });
    }
  }

  get size(): number {
    return this.#byDigest.size;
  }

  /** @returns undefined where the header is absent, is no bearer token, or an unknown one */
  identify(authorization: string | undefined): Caller | undefined {
    const token = BEARER.exec(authorization ?? "")?.[1];
    if (token === undefined) return undefined;
    const digest = hash("sha256", token, "buffer");
    const entry = this.#byDigest.get(digest.toString("hex"));
    return entry !== undefined && timingSafeEqual(entry.digest, digest) ? entry.caller : undefined;
  }
}
