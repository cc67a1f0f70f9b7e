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
  /** @default nobody keeps adapters: the engine has them, or not */
  readonly keeper: AdapterKeeper | undefined;
  readonly endpoint: Endpoint;
  /** @default the model itself answers */
  readonly adapter: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks an engine while its adapter is held there. One that turns out to have lost the adapter loads it and is asked once
 * more.
 * @param ask sends the request; it must not have given anything to the client when it throws
 */
export async function holdAdapter<T>(
  { keeper, endpoint, adapter, signal }: HoldProps,
  ask: () => Promise<T>,
): Promise<Held<T>> {
  if (keeper === undefined || adapter === undefined) return { answer: await ask(), letGo: () => {} };
  const hold = async () => {
    const letGo = await keeper.hold(endpoint, adapter, signal);
    try {
      return { answer: await ask(), letGo };
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

/** The engine's own 404. A keeper that could not load the adapter says so with a cause of its own, and has tried. */
function isLost(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === "UNKNOWN_ADAPTER" && !(thrown instanceof AdapterAbsentError);
}

/** An endpoint does not have an adapter and did not load it in time. Says nothing about the endpoint's health. */
export class AdapterAbsentError extends EngineError {
  constructor(adapter: string, cause: unknown) {
    super("UNKNOWN_ADAPTER", { params: { adapter }, cause, verdict: "neutral" });
  }
}
