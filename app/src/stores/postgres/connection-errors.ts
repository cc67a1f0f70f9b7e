import { isNativeError } from "node:util/types";
import { DatabaseError } from "pg";
import { AppError } from "../../shared/errors/app-error";

/**
 * SQLSTATE classes and codes of a server that cannot work now, whatever the query: connection exception, insufficient
 * resources, operator intervention (shutdown, statement timeout), system error, login refused, read-only (a standby
 * that was the primary a moment ago). https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const UNAVAILABLE = /^(08|28|53|57|58|25006)/;

/** Seconds. A failover of Cloud SQL takes about a minute; a restart, which is commoner, a few seconds. */
const RETRY_SECONDS = 5;

/** Whether PostgreSQL could not be reached, as against having refused the query. */
export function isUnavailable(thrown: unknown): boolean {
  if (thrown instanceof DatabaseError) return UNAVAILABLE.test(thrown.code ?? "");
  // pg reports a lost connection by plain errors; subclasses (TypeError, RangeError) are mistakes of the program.
  return isNativeError(thrown) && thrown.name === "Error";
}

/** What a client is answered while PostgreSQL is away. */
export function postgresUnavailable(cause: unknown): AppError {
  return new AppError("STORE_UNAVAILABLE", {
    params: { store: "PostgreSQL" },
    retryAfterSeconds: RETRY_SECONDS,
    cause,
  });
}
