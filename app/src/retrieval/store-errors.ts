import { AppError } from "../shared/errors/app-error";

/** Seconds after which an absent store is worth asking again: the load balancer's health check interval. */
const RETRY_SECONDS = 5;

/**
 * A collection that was there is gone, as after its store came back with an empty or an older disk. It is made anew
 * when it is next requested, and holds nothing then.
 */
export class CollectionLostError extends AppError {
  constructor(store: string, cause: unknown) {
    super("STORE_UNAVAILABLE", { params: { store }, retryAfterSeconds: RETRY_SECONDS, cause });
  }
}

/** Whether that is what an error, or what it was caused by, comes from. */
export function isCollectionLost(thrown: unknown): boolean {
  if (thrown instanceof CollectionLostError) return true;
  return thrown instanceof Error && thrown.cause !== undefined && isCollectionLost(thrown.cause);
}

/** A store that does not answer. `store` is its name, in the client's sentence. */
export function storeUnavailable(store: string, cause: unknown): AppError {
  return new AppError("STORE_UNAVAILABLE", { params: { store }, retryAfterSeconds: RETRY_SECONDS, cause });
}
