import { setTimeout as delay } from "node:timers/promises";
import type { AppError } from "../../shared/errors/app-error";
import type { Endpoint } from "./endpoint";
import { ELSEWHERE_ONLY, EngineError, fromFailure, type RetryReason } from "./engine-errors";
import type { Exchange } from "./exchange";
import type { ModelCall } from "./model-call";

/** Times that a request is sent again. Source: R-32. */
const MAX_RETRIES = 3;
/** Milliseconds before the first retry at the same endpoint, at most; doubled for each further one. */
const BACKOFF_MS = 100;

/**
 * Milliseconds to wait before a retry: exponential with full jitter, so that requests which failed together do not come
 * back together.
 * @param retry 1 for the first
 * @param random from 0 to 1
 */
function backoffMs(retry: number, random: number): number {
  return BACKOFF_MS * 2 ** (retry - 1) * random;
}

/** Another attempt, after a while. */
export interface Retry {
  readonly reason: RetryReason;
  readonly afterMs: number;
}

/**
 * The attempts of one request: which endpoints have failed it, and whether it may be sent once more. It may three times,
 * within its own time, while its client is there, and where the reason is one that passes.
 */
export class Attempts {
  readonly #call: ModelCall;
  readonly #avoid: string[] = [];
  #retries = 0;
  #endsMs: number | undefined;
  #deadline: AbortSignal | undefined;

  constructor(call: ModelCall) {
    this.#call = call;
  }

  /** Ids of endpoints that have failed the request. */
  get avoid(): readonly string[] {
    return this.#avoid;
  }

  /**
   * How the next attempt runs. The time of the first one begins the engines' time: waiting for a place is not theirs.
   * @param promptTokens most that the prompt may take
   */
  exchange(promptTokens: number): Exchange {
    const { requestId, traceparent, signal, adapter, chat, timeoutMs, whole } = this.#call;
    const now = performance.now();
    this.#endsMs ??= now + timeoutMs;
    if (whole) this.#deadline ??= AbortSignal.timeout(timeoutMs);
    return {
      requestId,
      traceparent,
      signal,
      adapter,
      maxTokens: chat.maxTokens,
      promptTokens,
      deadline: this.#deadline,
      timeoutMs: Math.max(1, Math.ceil(this.#endsMs - now)),
      silenceMs: timeoutMs,
    };
  }

  /** An attempt ended before its answer began. */
  error(thrown: unknown): AppError {
    const { signal: caller, timeoutMs } = this.#call;
    return fromFailure(thrown, { caller, deadline: this.#deadline, timeoutMs });
  }

  /** The endpoint takes no request after all. */
  skip(endpoint: Endpoint): void {
    this.#avoid.push(endpoint.id);
  }

  /** What follows an attempt that failed at an endpoint; `undefined`: nothing, the error is the answer. */
  retry(error: AppError, endpoint: Endpoint, endpoints: readonly Endpoint[]): Retry | undefined {
    this.#avoid.push(endpoint.id);
    this.#retries += 1;
    const reason = error instanceof EngineError ? error.retry : undefined;
    if (reason === undefined || this.#retries > MAX_RETRIES || this.#call.signal.aborted) return undefined;
    const open = endpoints.filter((other) => other.available());
    if (open.some(({ id }) => !this.#avoid.includes(id))) return { reason, afterMs: 0 };
    if (ELSEWHERE_ONLY.has(reason) || open.length === 0) return undefined;
    const afterMs = backoffMs(this.#retries, Math.random());
    return performance.now() + afterMs < (this.#endsMs ?? 0) ? { reason, afterMs } : undefined;
  }

  /** Waits before a retry. @throws AppError 499 when the client leaves meanwhile */
  async pause({ afterMs }: Retry): Promise<void> {
    if (afterMs === 0) return;
    const { signal } = this.#call;
    await delay(afterMs, undefined, { signal }).catch((thrown: unknown) => {
      throw this.error(thrown);
    });
  }
}
