import { AppError } from "../errors/app-error";

/** Seconds after which a full engine is worth asking again: with 30 answers of about 10 s in flight, three end in one. */
const BUSY_RETRY_SECONDS = 1;
/** Seconds after which an absent engine is worth asking again: the load balancer's health check interval. */
const UNAVAILABLE_RETRY_SECONDS = 5;
/** Longest `Retry-After` of an engine that is passed on, in seconds. */
const LONGEST_RETRY_SECONDS = 120;

/** The engine has no free place. */
export function engineBusy(retryAfter: string | undefined): AppError {
  return new AppError("ENGINE_BUSY", { retryAfterSeconds: passedOn(retryAfter) ?? BUSY_RETRY_SECONDS });
}

export function modelBusy(limit: number): AppError {
  return new AppError("MODEL_BUSY", { params: { limit }, retryAfterSeconds: BUSY_RETRY_SECONDS });
}

export function engineUnavailable(cause: unknown, retryAfter?: string): AppError {
  return new AppError("ENGINE_UNAVAILABLE", {
    cause,
    retryAfterSeconds: passedOn(retryAfter) ?? UNAVAILABLE_RETRY_SECONDS,
  });
}

export function engineBadReply(cause: unknown): AppError {
  return new AppError("ENGINE_BAD_REPLY", { cause });
}

export function engineTimeout(timeoutMs: number, cause?: unknown): AppError {
  return new AppError("ENGINE_TIMEOUT", { params: { seconds: timeoutMs / 1000 }, cause });
}

function passedOn(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || !/^\d{1,6}$/.test(retryAfter)) return undefined;
  return Math.min(Math.max(Number(retryAfter), 1), LONGEST_RETRY_SECONDS);
}

/** An engine's error status as ours. Its body goes to the log, cut short, and never to the client. */
export function fromStatus(status: number, body: string, retryAfter: string | undefined, timeoutMs: number): AppError {
  const cause = new Error(`engine answered ${status}: ${body.slice(0, 500)}`);
  if (status === 429) return engineBusy(retryAfter);
  if (status === 503) return engineUnavailable(cause, retryAfter);
  if (status === 408 || status === 504) return engineTimeout(timeoutMs, cause);
  return engineBadReply(cause);
}

const TIMEOUT_CODES = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Whose clocks and signals an exchange with an engine ran under. */
export interface ExchangeLimits {
  readonly caller: AbortSignal;
  /** @default none: only silence is limited */
  readonly deadline?: AbortSignal | undefined;
  /** Milliseconds, for the message. */
  readonly timeoutMs: number;
}

/** What a failed exchange with an engine means: whoever gave up first. */
export function fromFailure(thrown: unknown, { caller, deadline, timeoutMs }: ExchangeLimits): AppError {
  if (thrown instanceof AppError) return thrown;
  if (caller.aborted) return new AppError("CLIENT_CLOSED_REQUEST", { cause: thrown });
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  const silent = typeof code === "string" && TIMEOUT_CODES.has(code);
  if (silent || deadline?.aborted) return engineTimeout(timeoutMs, thrown);
  return engineUnavailable(thrown);
}
