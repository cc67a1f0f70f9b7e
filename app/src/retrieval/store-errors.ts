import { AppError } from "../errors/app-error";

/** Seconds after which an absent store is worth asking again: the load balancer's health check interval. */
const RETRY_SECONDS = 5;

/** A store that does not answer. `store` is its name, in the client's sentence. */
export function storeUnavailable(store: string, cause: unknown): AppError {
  return new AppError("STORE_UNAVAILABLE", { params: { store }, retryAfterSeconds: RETRY_SECONDS, cause });
}
