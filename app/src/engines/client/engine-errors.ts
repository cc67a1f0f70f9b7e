import { AppError, type AppErrorOptions, type ErrorCode } from "../../shared/errors/app-error";
import type { EngineVerdict } from "./circuit-breaker";
import { type ContextExcess, contextExcess, saysFull, saysGone } from "./engine-refusal";

/** Seconds after which an absent engine is worth asking again: the load balancer's health check interval. */
const UNAVAILABLE_RETRY_SECONDS = 5;
/** Longest `Retry-After` of an engine that is passed on, in seconds. */
const LONGEST_RETRY_SECONDS = 120;

/** Why a request may be sent once more: label of the retry counter. */
export type RetryReason = "connection" | "500" | "502" | "503" | "504" | "full";

/** Reasons that pass at no endpoint by themselves: only another one is worth asking. A dead or draining vLLM answers 500. */
export const ELSEWHERE_ONLY: ReadonlySet<RetryReason> = new Set(["500", "full"]);

interface EngineErrorOptions extends AppErrorOptions {
  /** @default a retry would not help */
  readonly retry?: RetryReason;
  /** What it counts as in the endpoint's circuit breaker. @default `failure` */
  readonly verdict?: EngineVerdict;
}

/** What went wrong with an engine, as an answer to the client. */
export class EngineError extends AppError {
  readonly retry: RetryReason | undefined;
  readonly verdict: EngineVerdict;

  constructor(code: ErrorCode, { retry, verdict = "failure", ...options }: EngineErrorOptions) {
    super(code, options);
    this.retry = retry;
    this.verdict = verdict;
  }
}

export function engineUnavailable(
  cause: unknown,
  retry: RetryReason = "connection",
  retryAfterSeconds = UNAVAILABLE_RETRY_SECONDS,
): EngineError {
  return new EngineError("ENGINE_UNAVAILABLE", { cause, retryAfterSeconds, retry });
}

export function engineBadReply(cause: unknown): EngineError {
  return new EngineError("ENGINE_BAD_REPLY", { cause });
}

export function engineTimeout(timeoutMs: number, cause?: unknown, retry?: RetryReason): EngineError {
  return new EngineError("ENGINE_TIMEOUT", {
    params: { seconds: timeoutMs / 1000 },
    cause,
    ...(retry !== undefined && { retry }),
  });
}

/** @param retryAfterSeconds where the engine gives none, see `Dispatcher.retryAfterFullSeconds` */
export function engineBusy(cause: unknown, retryAfterSeconds: number | undefined): EngineError {
  return new EngineError("ENGINE_BUSY", {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    retry: "full",
    verdict: "success",
  });
}

export function promptTooLong(excess: ContextExcess, cause?: unknown): EngineError {
  const { tokens, atLeast = false, answer, context, largest } = excess;
  return new EngineError("PROMPT_TOO_LONG", {
    params: { tokens: atLeast ? `${tokens}+` : Math.ceil(tokens), answer, context, largest: Math.floor(largest) },
    cause,
    verdict: "success",
  });
}

export function clientLeft(cause: unknown): EngineError {
  return new EngineError("CLIENT_CLOSED_REQUEST", { cause, verdict: "neutral" });
}

function passedOn(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || !/^\d{1,6}$/.test(retryAfter)) return undefined;
  return Math.min(Math.max(Number(retryAfter), 1), LONGEST_RETRY_SECONDS);
}

/** An engine's answer that is no success. */
export interface Refusal {
  readonly status: number;
  /** Goes to the log, cut short, and never to the client. */
  readonly body: string;
  readonly retryAfter: string | undefined;
  readonly timeoutMs: number;
  /** Adapter that the request named. */
  readonly adapter?: string | undefined;
  /** Most tokens of the answer that the request asked for. @default not known */
  readonly maxTokens?: number | undefined;
  /** Most tokens that its prompt may take, by the gateway's estimate. @default not known */
  readonly promptTokens?: number | undefined;
}

/** An engine's error status as ours. */
export function fromStatus(refusal: Refusal): EngineError {
  const { status, body, retryAfter, timeoutMs, adapter, maxTokens = 0, promptTokens = 0 } = refusal;
  const cause = new Error(`engine answered ${status}: ${body.slice(0, 500)}`);
  const seconds = passedOn(retryAfter);
  if (status === 429 || (status === 503 && saysFull(body))) return engineBusy(cause, seconds);
  if (status === 503) return engineUnavailable(cause, "503", seconds);
  if (status === 500 && saysGone(body)) return engineUnavailable(cause, "500", seconds);
  if (status === 504) return engineTimeout(timeoutMs, cause, "504");
  if (status === 408) return engineTimeout(timeoutMs, cause);
  if (status === 500) return new EngineError("ENGINE_BAD_REPLY", { cause, retry: "500" });
  if (status === 502) return new EngineError("ENGINE_BAD_REPLY", { cause, retry: "502" });
  if (status === 404 && adapter !== undefined)
    return new EngineError("UNKNOWN_ADAPTER", { cause, params: { adapter }, verdict: "success" });
  const excess = status === 400 ? contextExcess(body, { prompt: promptTokens, answer: maxTokens }) : undefined;
  if (excess !== undefined) return promptTooLong(excess, cause);
  // An engine that refuses a request is up.
  return new EngineError("ENGINE_BAD_REPLY", { cause, verdict: status < 500 ? "success" : "failure" });
}

/** undici's, of a reply beyond the pool's limit. Another endpoint or attempt would be sent as much. */
const TOO_LONG_CODE = "UND_ERR_RES_EXCEEDED_MAX_SIZE";
const TIMEOUT_CODES = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Whose clocks and signals an exchange with an engine ran under. */
export interface ExchangeLimits {
  readonly caller: AbortSignal;
  /** @default none: only silence is limited */
  readonly deadline?: AbortSignal | undefined;
  /** Milliseconds, for the message. */
  readonly timeoutMs: number;
}

/** A failed exchange with an engine as an `AppError`, by who gave up first. */
export function fromFailure(thrown: unknown, { caller, deadline, timeoutMs }: ExchangeLimits): AppError {
  if (thrown instanceof AppError) return thrown;
  if (caller.aborted) return clientLeft(thrown);
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  if (code === TOO_LONG_CODE) return engineBadReply(thrown);
  const silent = typeof code === "string" && TIMEOUT_CODES.has(code);
  if (silent || deadline?.aborted) return engineTimeout(timeoutMs, thrown);
  return engineUnavailable(thrown);
}
