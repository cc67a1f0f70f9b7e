/** Times that a request is sent again. Source: application specification §2 (`MAX_RETRIES`). */
export const MAX_RETRIES = 3;
/** Milliseconds before the first retry, at most; doubled for each further one. A restarting proxy takes about as long. */
const BASE_MS = 100;

/**
 * Milliseconds to wait before a retry: exponential with full jitter, so that requests which failed together do not come
 * back together.
 * @param retry 1 for the first
 * @param random from 0 to 1
 */
export function backoffMs(retry: number, random: number): number {
  return BASE_MS * 2 ** (retry - 1) * random;
}
