import { EVERY_USER, type ServiceToken } from "../../contract/service-token";

/** What a caller may do; `admin` includes `service`. */
export type Role = ServiceToken["role"];

/** Sender of a request. */
export interface Caller {
  /** The token's name, or `local` where none is needed. */
  readonly name: string;
  readonly role: Role;
  /** For whom the caller may act; {@link EVERY_USER} is everybody. */
  readonly users: readonly string[];
}

/** Programs on this machine that sent no token, on a first start. */
export const LOCAL_CALLER = { name: "local", role: "service", users: [EVERY_USER] } as const satisfies Caller;

/** Whether the caller's role covers another. */
export function may(caller: Caller, role: Role): boolean {
  return caller.role === "admin" || caller.role === role;
}

/** Whether the caller may read and write what belongs to a user. */
export function mayActFor({ users }: Caller, user: string): boolean {
  return users.includes(EVERY_USER) || users.includes(user);
}

declare module "fastify" {
  interface FastifyRequest {
    /** `null` on routes that need no token. */
    caller: Caller | null;
  }
}
