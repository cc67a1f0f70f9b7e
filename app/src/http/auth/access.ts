import type { FastifyRequest } from "fastify";
import type { ServiceToken } from "../../contract/service-token";
import { ENV } from "../../contract/variables";
import { AppError, type ErrorCode } from "../../shared/errors/app-error";
import { type Caller, LOCAL_CALLER, may, type Role } from "./caller";
import { isDirect } from "./direct-request";
import type { LocalToken } from "./local-token";
import { ServiceTokens } from "./service-tokens";

export interface AccessOptions {
  readonly tokens: readonly ServiceToken[];
  /** Accepted where there are no `tokens`. @default nobody is let in without `tokens` */
  readonly local?: Pick<LocalToken, "accepted" | "firstStart"> | undefined;
}

/** Who is let in. */
export type AccessPolicy = "tokens" | "first start" | "local token" | "nobody";

const REFUSALS: Readonly<Record<AccessPolicy, ErrorCode>> = {
  tokens: "UNAUTHORIZED",
  "first start": "LOCAL_TOKEN",
  "local token": "LOCAL_TOKEN",
  nobody: "NO_TOKENS",
};

/** Decides whose a request is. */
export interface AccessControl {
  /**
   * @throws AppError `UNAUTHORIZED`, `LOCAL_TOKEN` or `NO_TOKENS` (401), `FORBIDDEN` (403)
   */
  callerOf(request: FastifyRequest, role: Role): Caller;
}

/**
 * Accepts callers with a token. Without configured tokens a developer's gateway has one of its own; on its first start, when
 * nothing is stored that a stranger could read, direct requests of this machine need none, but for the routes of admin.
 */
export class Access implements AccessControl {
  readonly policy: AccessPolicy;
  readonly #tokens: ServiceTokens;

  constructor({ tokens, local }: AccessOptions) {
    this.policy = policyOf({ tokens, local });
    this.#tokens = new ServiceTokens(tokens.length > 0 || local === undefined ? tokens : [local.accepted]);
  }

  callerOf(request: FastifyRequest, role: Role): Caller {
    const caller = this.#identify(request, role);
    if (caller === undefined) {
      throw new AppError(REFUSALS[this.policy], { params: { variable: ENV.serviceTokens, folder: ENV.dataDir } });
    }
    if (!may(caller, role)) throw new AppError("FORBIDDEN", { params: { role } });
    return caller;
  }

  #identify(request: FastifyRequest, role: Role): Caller | undefined {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#tokens.identify(authorization);
    const open = this.policy === "first start" && role === LOCAL_CALLER.role && isDirect(request);
    return open ? LOCAL_CALLER : undefined;
  }
}

function policyOf({ tokens, local }: AccessOptions): AccessPolicy {
  if (tokens.length > 0) return "tokens";
  if (local === undefined) return "nobody";
  return local.firstStart ? "first start" : "local token";
}
