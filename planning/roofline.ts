/** Upper bounds of an L4's speed on a model, from its bandwidth and its arithmetic. Nothing here was measured. */
import { L4 } from "./gpus";
import type { ModelShape } from "./models";

/**
 * Share of {@link prefillCeiling} to plan with: an L4 reaches 40 to 50 % of its dense arithmetic, as the power limit of
 * 72 W and the attention over the prompt take theirs. An estimate.
 */
export const PREFILL_EFFICIENCY = 0.45;

/**
 * Most tokens a second that `sequences` streams decode together: each step reads the weights once and every sequence's
 * KV cache, and yields one token a sequence.
 */
export function decodeCeiling(
  model: Pick<ModelShape, "bytesReadPerStep">,
  sequences: number,
  kvBytesPerSequence: number,
): number {
  const bytesPerStep = model.bytesReadPerStep + sequences * kvBytesPerSequence;
  return (sequences * L4.memoryBandwidthBytesPerSecond) / bytesPerStep;
}

/** Most prompt tokens a second: two operations for each parameter of the layers' matrices. */
export function prefillCeiling(model: Pick<ModelShape, "linearParameters">): number {
  return L4.fp16Flops / (2 * model.linearParameters);
}
