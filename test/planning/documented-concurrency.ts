import { planEngine } from "../../planning/capacity";
import { kvBytesPerSequence } from "../../planning/kv-cache";
import { isModelName, MODELS, type ModelName } from "../../planning/models";
import { decodeCeiling } from "../../planning/roofline";

/** Concurrent requests of one L4 VM. */
const DOCUMENTED_CONCURRENCY = 30;

/** Where R-2 holds for one model that has an L4 to itself. */
interface DocumentedConcurrency {
  readonly model: ModelName;
  /** Most tokens of prompt and answer together at which {@link DOCUMENTED_CONCURRENCY} sequences fit; 0 when none. */
  readonly holdsUpToTokens: number;
  /** Upper bound of each stream's tokens a second there; 0 when none fits. */
  readonly decodeTokensPerSecondEach: number;
}

function holds(model: ModelName, memoryShare: number, contextTokens: number): boolean {
  const plan = planEngine({ model, memoryShare, contextTokens, maxModelLen: contextTokens });
  return plan.fits && plan.maxConcurrentSequences >= DOCUMENTED_CONCURRENCY;
}

/** Most tokens for which `holds`, by bisection: fewer tokens never make room for fewer sequences. */
function mostTokens(model: ModelName, memoryShare: number): number {
  let [held, refused] = [0, MODELS[model].maxContextTokens + 1];
  while (refused - held > 1) {
    const middle = Math.floor((held + refused) / 2);
    if (holds(model, memoryShare, middle)) held = middle;
    else refused = middle;
  }
  return held;
}

/** At which context length R-2 holds, for each model alone on an L4, with vLLM's default share of the memory. */
export function documentedConcurrency(memoryShare = 0.9): readonly DocumentedConcurrency[] {
  return Object.keys(MODELS)
    .filter(isModelName)
    .map((model) => {
      const tokens = mostTokens(model, memoryShare);
      const together = decodeCeiling(MODELS[model], DOCUMENTED_CONCURRENCY, kvBytesPerSequence(MODELS[model], tokens));
      return {
        model,
        holdsUpToTokens: tokens,
        decodeTokensPerSecondEach: tokens === 0 ? 0 : together / DOCUMENTED_CONCURRENCY,
      };
    });
}
