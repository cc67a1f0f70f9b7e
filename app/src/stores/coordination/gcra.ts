/** So many events in so much time. */
export interface RateLimit {
  readonly events: number;
  /** Milliseconds. */
  readonly windowMs: number;
}

/** What became of one event. */
export interface LimitResult {
  readonly allowed: boolean;
  /** Events that would be allowed right now. */
  readonly remaining: number;
  /** Milliseconds until the next event is allowed; 0 where one is allowed now. */
  readonly retryAfterMs: number;
  /** Milliseconds until all are allowed again. */
  readonly resetMs: number;
}

/** The limit in whole microseconds, so that Redis' Lua and this file reckon alike. */
export interface Pace {
  /** Microseconds that one event costs. */
  readonly intervalUs: number;
  /** Microseconds of cost that may run up: all events at once. */
  readonly burstUs: number;
}

export function paceOf({ events, windowMs }: RateLimit): Pace {
  const intervalUs = Math.max(1, Math.floor((windowMs * 1000) / events));
  return { intervalUs, burstUs: intervalUs * events };
}

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): one number is the time at which all that was allowed is
 * worked off. A window that slides, with neither the burst at the border of a fixed one nor a list of every event.
 * @param paidUntilUs what the last call returned; undefined for the first
 * @returns the result, and the new moment up to which is paid; unchanged where the event was refused
 */
export function takeOne(
  paidUntilUs: number | undefined,
  nowUs: number,
  pace: Pace,
): { paidUntilUs: number; result: LimitResult } {
  const before = Math.max(paidUntilUs ?? nowUs, nowUs);
  const after = before + pace.intervalUs;
  const allowed = after - nowUs <= pace.burstUs;
  const paid = allowed ? after : before;
  return { paidUntilUs: paid, result: resultOf(allowed, paid - nowUs, pace) };
}

/** @param debtUs microseconds until all is worked off */
export function resultOf(allowed: boolean, debtUs: number, { intervalUs, burstUs }: Pace): LimitResult {
  const remaining = Math.floor((burstUs - debtUs) / intervalUs);
  const retryAfterMs = remaining > 0 ? 0 : Math.ceil((debtUs + intervalUs - burstUs) / 1000);
  return { allowed, remaining, retryAfterMs, resetMs: Math.ceil(debtUs / 1000) };
}
