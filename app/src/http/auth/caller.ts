import type { ServiceToken } from "../../contract/service-token";

/** What a caller may do; `admin` includes `service`. */
export type Role = ServiceToken["role"];

/** Sender of a request. */
export interface Caller {
  /** The token's name, or `local` where none is needed. */
  readonly name: string;
  readonly role: Role;
}

/** Callers on this machine, where no token is configured. */
export const LOCAL_CALLER: Caller = { name: "local", role: "admin" };

/** Whether the caller's role covers another. */
export function may(caller: Caller, role: Role): boolean {
  return caller.role === "admin" || caller.role === role;
}

declare module "fastify" {
  interface FastifyRequest {
    /** `null` on routes that need no token. */
    caller: Caller | null;
  }
}
