import { AppError, type AppErrorOptions, type ErrorCode } from "../../shared/errors/app-error";
import type { EngineVerdict } from "./circuit-breaker";

/**
 * Seconds after which a full engine is worth asking again: with 30 answers of about 10 s in flight, three end in one.
 */
const BUSY_RETRY_SECONDS = 1;
/** Seconds after which an absent engine is worth asking again: the load balancer's health check interval. */
const UNAVAILABLE_RETRY_SECONDS = 5;
/** Longest `Retry-After` of an engine that is passed on, in seconds. */
const LONGEST_RETRY_SECONDS = 120;

/** Why a request may be sent once more: label of the retry counter. */
export type RetryReason = "connection" | "500" | "502" | "503" | "504" | "full";

/** Reasons that pass at no endpoint by themselves: only another one is worth asking. A dead vLLM answers 500. */
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

export function engineUnavailable(cause: unknown, retryAfterSeconds = UNAVAILABLE_RETRY_SECONDS): EngineError {
  return new EngineError("ENGINE_UNAVAILABLE", { cause, retryAfterSeconds, retry: "connection" });
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

/** A prompt that leaves no room for its answer, in tokens. */
interface ContextExcess {
  readonly tokens: number;
  /** Most tokens of the answer. */
  readonly answer: number;
  /** Of prompt and answer together. */
  readonly context: number;
  /** Most tokens of an answer that this prompt leaves room for; below 1 where it leaves none. */
  readonly largest: number;
}

export function promptTooLong({ tokens, answer, context, largest }: ContextExcess, cause?: unknown): EngineError {
  return new EngineError("PROMPT_TOO_LONG", {
    params: { tokens: Math.ceil(tokens), answer, context, largest: Math.floor(largest) },
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
}

/**
 * vLLM's admission limits (`--max-num-queued-reqs`, `--max-num-queued-tokens`) answer 503 too, with an OpenAI-shaped
 * error: the engine is well and only full.
 */
const FULL = /"error"[\s\S]*(queue|overload|too many|capacity)/i;
/**
 * vLLM's 400 for a prompt that its context does not hold: "maximum context length is 8192 tokens … requested 256 output
 * tokens and your prompt contains at least 9001 input tokens …", of older versions "… 9001 tokens in total".
 */
const CONTEXT = /maximum context length is (\d+) tokens(?:[^"]*?at least (\d+) input tokens|\D+(\d+))?/;

/** vLLM's refusal of a prompt as ours; `undefined` where it says something else. */
function contextExcess(body: string, maxTokens = 0): ContextExcess | undefined {
  const [, context, input, total] = CONTEXT.exec(body) ?? [];
  if (context === undefined) return undefined;
  const prompt = total === undefined ? Number(context) : Math.max(0, Number(total) - maxTokens);
  const tokens = input === undefined ? prompt : Number(input);
  return { tokens, answer: maxTokens, context: Number(context), largest: Number(context) - tokens };
}

/** An engine's error status as ours. */
export function fromStatus({ status, body, retryAfter, timeoutMs, adapter, maxTokens }: Refusal): EngineError {
  const cause = new Error(`engine answered ${status}: ${body.slice(0, 500)}`);
  const seconds = passedOn(retryAfter);
  if (status === 429 || (status === 503 && FULL.test(body)))
    return new EngineError("ENGINE_BUSY", {
      cause,
      retryAfterSeconds: seconds ?? BUSY_RETRY_SECONDS,
      retry: "full",
      verdict: "success",
    });
  if (status === 503)
    return new EngineError("ENGINE_UNAVAILABLE", {
      cause,
      retryAfterSeconds: seconds ?? UNAVAILABLE_RETRY_SECONDS,
      retry: "503",
    });
  if (status === 504) return engineTimeout(timeoutMs, cause, "504");
  if (status === 408) return engineTimeout(timeoutMs, cause);
  if (status === 500) return new EngineError("ENGINE_BAD_REPLY", { cause, retry: "500" });
  if (status === 502) return new EngineError("ENGINE_BAD_REPLY", { cause, retry: "502" });
  if (status === 404 && adapter !== undefined)
    return new EngineError("UNKNOWN_ADAPTER", { cause, params: { adapter }, verdict: "success" });
  const excess = status === 400 ? contextExcess(body, maxTokens) : undefined;
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
