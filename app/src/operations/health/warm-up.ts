/**
 * What a warm-up means for `/healthz`:
 * - `own`: a part of this instance, as an engine on its own machine. Ready follows it, because another instance has one
 *   of its own that works.
 * - `any`: shared with every other instance, as engines in pods of their own. At least one of these must have answered
 *   once before the first traffic; after that its loss leaves the instance ready, because taking all instances out at
 *   once would turn a partial outage into a whole one.
 * - `none`: helps, but nothing depends on it. It is tried before ready, whatever comes of it.
 */
export type WarmUpNeed = "own" | "any" | "none";

/** Why a warm-up failed, in words that are fit for everyone who may read `/health`. */
export class WarmUpError extends Error {
  override readonly name = "WarmUpError";
}

/** One piece of real work that is done before the instance takes traffic: weights paged in, kernels compiled, connections open. */
export interface WarmUp {
  /** For reasons and logs, e.g. `model gemma3-12b-it-gptq`. No address. */
  readonly name: string;
  readonly need: WarmUpNeed;
  /**
   * Does the work, within a limit of its own. Rejects where it could not be done, with a `WarmUpError` where the reason
   * is worth more than an error code; it is then tried again.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Looks whether it still answers, within a limit of its own.
   * @default once warm, it stays warm
   */
  probe?(signal: AbortSignal): Promise<void>;
}

/** State of one warm-up. */
export interface WarmUpState {
  readonly name: string;
  readonly need: WarmUpNeed;
  readonly ready: boolean;
  /** Whether it has ever been ready. */
  readonly reached: boolean;
  /** Whether an attempt has ended, well or not. */
  readonly tried: boolean;
  /** Outcome of the last attempt, fit for clients: no address, and of the engine's text no more than names of models. */
  readonly reason: string;
  /** What was thrown, for the log. */
  readonly cause?: unknown;
}

/** Whether the instance may take traffic, by {@link WarmUpNeed}. */
export function allowsTraffic(states: readonly WarmUpState[]): boolean {
  const shared = states.filter(({ need }) => need === "any");
  return (
    states.every(({ need, ready }) => need !== "own" || ready) &&
    states.every(({ need, tried }) => need !== "none" || tried) &&
    (shared.length === 0 || shared.some(({ reached }) => reached))
  );
}
