import { isLoopback } from "../auth/loopback";
import type { Model } from "../engine/model-pool";
import type { WarmUp } from "./warm-up";

/** Milliseconds for a look at a warm engine, as the specification's 2 s for every health check. */
const PROBE_TIMEOUT_MS = 2_000;

/** Every model must generate one real token. Engines on loopback are this instance's own; others are shared by all instances. */
export function modelWarmUps(models: readonly Model[]): WarmUp[] {
  return models.map((model) => ({
    get name() {
      return `model ${model.label}`;
    },
    need: isLoopback(new URL(model.baseUrl).hostname) ? "own" : "any",
    run: (signal) => generateOneToken(model, signal),
    async probe(signal) {
      await model.client.listModels({ requestId: "probe", signal }, PROBE_TIMEOUT_MS);
    },
  }));
}

async function generateOneToken(model: Model, signal: AbortSignal): Promise<void> {
  const context = { requestId: "warm-up", signal };
  const name = await model.name(context);
  await model.client.complete(
    name,
    { messages: [{ role: "user", content: "ping" }], maxTokens: 1, temperature: 0 },
    context,
  );
}
