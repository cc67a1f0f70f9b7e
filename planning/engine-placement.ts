import type { ModelName } from "./models";

/** One model on one GPU of the machine. */
export interface EnginePlacement {
  readonly model: ModelName;
  /** Index of the L4, from 0. */
  readonly gpu: number;
  /** vLLM's `--gpu-memory-utilization`, 0–1. */
  readonly memoryShare: number;
  /** `--max-model-len`: tokens of prompt and answer together. */
  readonly maxModelLen: number;
  /** `--max-num-seqs`: from the KV budget, not vLLM's default 256. */
  readonly maxNumSeqs: number;
  /** `--max-loras`: adapters resident at once. 0 leaves LoRA off. */
  readonly maxLoras: number;
}

/** Fewest adapters of any engine with LoRA, or 0: the gateway must not count on more. */
export function adapterPlaces(engines: readonly EnginePlacement[]): number {
  const places = engines.map(({ maxLoras }) => maxLoras).filter((count) => count > 0);
  return places.length === 0 ? 0 : Math.min(...places);
}
