/** Upper bounds from an L4's bandwidth and arithmetic, not measurements. */
import { L4 } from "./gpus";
import type { ModelShape } from "./models";

/** Share of {@link prefillCeiling} to plan with: 40 to 50 % is usual, under the power limit of 72 W. An estimate. */
export const PREFILL_EFFICIENCY = 0.45;

/** Each step reads the weights once and every sequence's KV cache, and yields one token a sequence. */
export function decodeCeiling(
  model: Pick<ModelShape, "bytesReadPerStep">,
  sequences: number,
  kvBytesPerSequence: number,
): number {
  const bytesPerStep = model.bytesReadPerStep + sequences * kvBytesPerSequence;
  return (sequences * L4.memoryBandwidthBytesPerSecond) / bytesPerStep;
}

/** Two operations for each parameter of the layers' matrices. */
export function prefillCeiling(model: Pick<ModelShape, "linearParameters">): number {
  return L4.fp16Flops / (2 * model.linearParameters);
}
