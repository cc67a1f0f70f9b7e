/** Part of the contract: how bearer tokens are configured. */

/** What a bearer token's owner may do; `admin` includes `service`. */
export const SERVICE_ROLES = ["service", "admin"] as const;

/** Of a token's users: everybody. */
export const EVERY_USER = "*";

/** The gateway's record of a bearer token, which holds no token. */
export interface ServiceToken {
  readonly name: string;
  readonly role: (typeof SERVICE_ROLES)[number];
  /** Users for whom it may act, or {@link EVERY_USER}. @default nobody: routes that take a user are refused */
  readonly users?: readonly string[] | undefined;
  /** SHA-256 of the token: of a random one, so anybody may read it. */
  readonly sha256: string;
}

/** File in `DATA_DIR` with the token of a developer's gateway, which programs on this machine read. */
export const LOCAL_TOKEN_FILE = "local-token";

/** What the parts of an item of `SERVICE_TOKENS` match. A user with other characters is covered by `*` alone. */
export const SERVICE_TOKEN_PARTS = {
  name: /^[a-z0-9-]{1,64}$/,
  user: /^(\*|[\p{L}\p{N}._@-]{1,200})$/u,
  sha256: /^[0-9a-f]{64}$/,
} as const;

/** An item of `SERVICE_TOKENS`: `name:role:users=sha256`, users joined by `+`; `name:role=sha256` without any. */
export function serviceTokenItem({ name, role, users = [], sha256 }: ServiceToken): string {
  const head = users.length === 0 ? `${name}:${role}` : `${name}:${role}:${users.join("+")}`;
  return `${head}=${sha256}`;
}

/** Reads what {@link serviceTokenItem} writes. @returns undefined where the text is no such item */
export function readServiceTokenItem(item: string): ServiceToken | undefined {
  const [, name = "", roleName, list, sha256 = ""] = /^([^:]*):([^:=]*)(?::([^=]*))?=(.*)$/.exec(item) ?? [];
  const role = SERVICE_ROLES.find((known) => known === roleName);
  const users = list?.split("+");
  const { name: named, user, sha256: hashed } = SERVICE_TOKEN_PARTS;
  const valid = named.test(name) && hashed.test(sha256) && (users ?? []).every((one) => user.test(one));
  if (!valid || role === undefined) return undefined;
  return { name, role, ...(users !== undefined && { users }), sha256 };
}
