import { AppError } from "../../shared/errors/app-error";
import type { AdapterKeeper } from "./adapter-keeper";
import type { Endpoint } from "./endpoint";
import { EngineError } from "./engine-errors";

/** What an engine answered, and how to let its adapter go once the answer is over. */
export interface Held<T> {
  readonly answer: T;
  readonly letGo: () => void;
}

export interface HoldProps {
  /** @default adapters are not managed: the engine has them, or not */
  readonly keeper: AdapterKeeper | undefined;
  readonly endpoint: Endpoint;
  /** @default the model itself answers */
  readonly adapter: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends a request while its adapter is held on the engine. Where the engine has lost the adapter, it is loaded again
 * and the request retried once.
 * @param request sends the request; it must not have given anything to the client when it throws
 */
export async function holdAdapter<T>(
  { keeper, endpoint, adapter, signal }: HoldProps,
  request: () => Promise<T>,
): Promise<Held<T>> {
  if (keeper === undefined || adapter === undefined) return { answer: await request(), letGo: () => {} };
  const hold = async () => {
    const letGo = await keeper.hold(endpoint, adapter, signal);
    try {
      return { answer: await request(), letGo };
    } catch (thrown) {
      letGo();
      throw thrown;
    }
  };
  return retryLost(hold, () => keeper.lost(endpoint, adapter));
}

/** Runs an attempt, and once more where the engine answered that it does not have the adapter. */
export async function retryLost<T>(attempt: () => Promise<T>, onLost: () => void): Promise<T> {
  try {
    return await attempt();
  } catch (thrown) {
    if (!isLost(thrown)) throw thrown;
    onLost();
    return attempt();
  }
}

/** The engine's own 404. A keeper's failure to load the adapter is an `AdapterAbsentError`, and not retried. */
function isLost(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === "UNKNOWN_ADAPTER" && !(thrown instanceof AdapterAbsentError);
}

/** An endpoint does not have an adapter and did not load it in time. Says nothing about the endpoint's health. */
export class AdapterAbsentError extends EngineError {
  constructor(adapter: string, cause: unknown) {
    super("UNKNOWN_ADAPTER", { params: { adapter }, cause, verdict: "neutral" });
  }
}
