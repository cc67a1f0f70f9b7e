import type { FastifyRequest } from "fastify";
import { AppError } from "../../shared/errors/app-error";
import { mayActFor } from "./caller";

/** Name of the field that says for whom a request is, in every route that takes one. */
const FIELD = "user";

/**
 * Refuses a request for a user for whom its token may not act. The one place where that is decided: whatever part of a
 * checked request names a user, on any guarded route.
 * @throws AppError `FORBIDDEN_USER` (403)
 */
export function refuseForeignUser({ caller, body, query, params }: FastifyRequest): void {
  if (caller === null) return;
  for (const part of [body, query, params]) {
    const user = userIn(part);
    if (user !== undefined && !mayActFor(caller, user)) throw new AppError("FORBIDDEN_USER", { params: { user } });
  }
}

function userIn(part: unknown): string | undefined {
  if (typeof part !== "object" || part === null || !(FIELD in part)) return undefined;
  return typeof part[FIELD] === "string" ? part[FIELD] : undefined;
}
