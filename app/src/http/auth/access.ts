import type { FastifyRequest } from "fastify";
import type { ServiceToken } from "../../contract/service-token";
import { ENV } from "../../contract/variables";
import { AppError } from "../../shared/errors/app-error";
import { isLoopback } from "../../shared/loopback";
import { type Caller, LOCAL_CALLER, may, type Role } from "./caller";
import { ServiceTokens } from "./service-tokens";

export interface AccessOptions {
  readonly tokens: readonly ServiceToken[];
  /** Address that the gateway listens on. */
  readonly host: string;
}

/** Accepts callers with a token. Without configured tokens: callers on this machine where HOST is loopback, otherwise none. */
export class Access {
  readonly #tokens: ServiceTokens;
  readonly #host: string;

  constructor({ tokens, host }: AccessOptions) {
    this.#tokens = new ServiceTokens(tokens);
    this.#host = host;
  }

  /** For the start line; `nobody` is logged as a warning. */
  get policy(): "tokens" | "this machine" | "nobody" {
    if (this.#tokens.size > 0) return "tokens";
    return isLoopback(this.#host) ? "this machine" : "nobody";
  }

  /**
   * @throws AppError `UNAUTHORIZED` or `NO_TOKENS` (401), `FORBIDDEN` (403)
   */
  callerOf(request: FastifyRequest, role: Role): Caller {
    const caller = this.#identify(request);
    if (caller === undefined) {
      throw new AppError(this.policy === "tokens" ? "UNAUTHORIZED" : "NO_TOKENS", {
        params: { variable: ENV.serviceTokens },
      });
    }
    if (!may(caller, role)) throw new AppError("FORBIDDEN", { params: { role } });
    return caller;
  }

  #identify(request: FastifyRequest): Caller | undefined {
    switch (this.policy) {
      case "tokens":
        return this.#tokens.identify(request.headers.authorization);
      case "this machine":
        // A page of another site can make a browser on this machine connect by a name of its own (DNS rebinding), and a
        // proxy here can forward strangers: both show in the Host header.
        return isLoopback(request.hostname) ? LOCAL_CALLER : undefined;
      case "nobody":
        return undefined;
    }
  }
}

/** The start line about who is accepted; undefined where tokens decide. */
export function accessLine(policy: Access["policy"]): string | undefined {
  switch (policy) {
    case "tokens":
      return undefined;
    case "this machine":
      return `no token is needed from this machine (${ENV.serviceTokens} is not set)`;
    case "nobody":
      return `nobody is let in: ${ENV.serviceTokens} is not set; npm run token -- NAME makes a token`;
  }
}
