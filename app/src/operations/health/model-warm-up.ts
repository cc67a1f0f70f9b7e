import type { ServedModel } from "../../engines/client/served-model";
import { isLoopback } from "../../shared/loopback";
import type { WarmUp } from "./warm-up";

/** Every model must generate one real token. Engines on loopback are this instance's own; others are shared by all instances. */
export function modelWarmUps(models: readonly ServedModel[]): WarmUp[] {
  return models.map((model) => ({
    get name() {
      return `model ${model.label}`;
    },
    need: isLoopback(new URL(model.baseUrl).hostname) ? "own" : "any",
    run: (signal) => model.warmUp(signal),
    probe: (signal) => model.probe(signal),
  }));
}
