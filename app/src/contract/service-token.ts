/** Part of the contract: how bearer tokens are configured. */

/** What a bearer token's owner may do; `admin` includes `service`. */
export const SERVICE_ROLES = ["service", "admin"] as const;

/** The gateway's record of a bearer token, which holds no token. */
export interface ServiceToken {
  readonly name: string;
  readonly role: (typeof SERVICE_ROLES)[number];
  /** SHA-256 of the token: of a random one, so anybody may read it. */
  readonly sha256: string;
}

/** File in `DATA_DIR` with the token of a developer's gateway, which programs on this machine read. */
export const LOCAL_TOKEN_FILE = "local-token";

/** What the parts of an item of `SERVICE_TOKENS` match. */
export const SERVICE_TOKEN_PARTS = { name: /^[a-z0-9-]{1,64}$/, sha256: /^[0-9a-f]{64}$/ } as const;

/** An item of `SERVICE_TOKENS`: `name:role=sha256`. */
export function serviceTokenItem({ name, role, sha256 }: ServiceToken): string {
  return `${name}:${role}=${sha256}`;
}

/** Reads what {@link serviceTokenItem} writes. @returns undefined where the text is no such item */
export function readServiceTokenItem(item: string): ServiceToken | undefined {
  const [, name = "", roleName, sha256 = ""] = /^([^:]*):([^=]*)=(.*)$/.exec(item) ?? [];
  const role = SERVICE_ROLES.find((known) => known === roleName);
  const valid = SERVICE_TOKEN_PARTS.name.test(name) && SERVICE_TOKEN_PARTS.sha256.test(sha256);
  return valid && role !== undefined ? { name, role, sha256 } : undefined;
}
