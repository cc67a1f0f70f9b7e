import type { FastifyInstance } from "fastify";
import { AppError } from "../../shared/errors/app-error";
import { errorSchema } from "../errors/schema";
import type { AccessControl } from "./access";
import type { Role } from "./caller";
import { refuseCrossSite } from "./cross-site";
import { refuseForeignUser } from "./users-of-request";

/** Statuses that a token, or another one, would change. */
const CHALLENGED: ReadonlySet<number> = new Set([401, 403]);

/** Name of the scheme in the OpenAPI document. */
export const SECURITY_SCHEME = "bearer";

/** Answers that every guarded route may give, for its OpenAPI entry. */
const REFUSALS = {
  401: errorSchema.describe("No bearer token, or one that this service does not know"),
  403: errorSchema.describe(
    "The token's role does not cover this route, its users not the one named, or a page of another site sent no token",
  ),
} as const;

/**
 * Guards every route that is added to this scope afterwards: checks the role before the body is read and the user once it is, and adds the scheme
 * and its refusals to the route's OpenAPI entry. Call it in a scope of its own
 * (`app.register(async (scope) => { requireRole(scope, …); … })`).
 */
export function requireRole(scope: FastifyInstance, access: AccessControl, role: Role): void {
  scope.addHook("onRoute", (route) => {
    const { response } = route.schema ?? {};
    route.schema = {
      ...route.schema,
      security: [{ [SECURITY_SCHEME]: [] }],
      response: { ...(typeof response === "object" ? response : {}), ...REFUSALS },
    };
  });
  scope.addHook("onRequest", async (request, reply) => {
    try {
      request.caller = access.callerOf(request, role);
      refuseCrossSite(request);
    } catch (thrown) {
      if (thrown instanceof AppError && !CHALLENGED.has(thrown.status)) throw thrown;
      reply.header("www-authenticate", challenge(thrown, request.headers.authorization));
      throw thrown;
    }
  });
  // Of the body as its schema has read it, and before anything counts it as work.
  scope.addHook("preHandler", async (request) => refuseForeignUser(request));
}

/** RFC 6750 §3: the error is named only where a token was sent. */
function challenge(thrown: unknown, authorization: string | undefined): string {
  if (authorization === undefined) return 'Bearer realm="terrace"';
  const error = thrown instanceof AppError && thrown.code === "FORBIDDEN" ? "insufficient_scope" : "invalid_token";
  return `Bearer realm="terrace", error="${error}"`;
}
