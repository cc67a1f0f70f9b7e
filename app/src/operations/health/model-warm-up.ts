import type { ServedModel } from "../../engines/client/served-model";
import { isLoopback } from "../../shared/loopback";
import { type WarmUp, WarmUpError } from "./warm-up";

/** Every model must generate one real token. Engines on loopback are this instance's own; others are shared by all instances. */
export function modelWarmUps(models: readonly ServedModel[]): WarmUp[] {
  return models.map((model) => ({
    get name() {
      return `model ${model.label}`;
    },
    need: isLoopback(new URL(model.baseUrl).hostname) ? "own" : "any",
    run: (signal) => warmUp(model, signal),
    probe: (signal) => model.probe(signal),
  }));
}

/** @throws WarmUpError where the engines serve other names than the configured one */
async function warmUp(model: ServedModel, signal: AbortSignal): Promise<void> {
  try {
    await model.warmUp(signal);
  } catch (cause) {
    const { insteadListed } = model;
    if (insteadListed === undefined) throw cause;
    throw new WarmUpError(`no engine serves that name; valid are ${insteadListed.join(", ")}`, { cause });
  }
}
