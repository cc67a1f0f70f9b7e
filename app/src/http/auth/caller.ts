import type { ServiceToken } from "../../contract";

/** What a caller may do. `admin` may all that `service` may. */
export type Role = ServiceToken["role"];

/** Who asks. */
export interface Caller {
  /** The token's name, or `local` for whoever is let in without one. */
  readonly name: string;
  readonly role: Role;
}

/** Whoever is on this machine, where no token is configured. */
export const LOCAL_CALLER: Caller = { name: "local", role: "admin" };

/** Whether the caller's role covers another. */
export function may(caller: Caller, role: Role): boolean {
  return caller.role === "admin" || caller.role === role;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; `null` on routes that are open to everybody. */
    caller: Caller | null;
  }
}
