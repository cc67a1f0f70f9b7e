import type { ModelName } from "./models";

/** One model on one GPU of the machine, with the flags that its memory share allows. */
export interface EnginePlacement {
  readonly model: ModelName;
  /** Index of the L4 on the machine, from 0. */
  readonly gpu: number;
  /** Share of that GPU's memory, 0–1: vLLM's `--gpu-memory-utilization`. */
  readonly memoryShare: number;
  /** Tokens, prompt and answer together: `--max-model-len`. */
  readonly maxModelLen: number;
  /** Most sequences in a batch: `--max-num-seqs`. From the KV budget, not vLLM's default 256. */
  readonly maxNumSeqs: number;
  /** LoRA adapters resident at once: `--max-loras`. 0 leaves LoRA off. */
  readonly maxLoras: number;
}

/** Fewest adapters that any engine holds which holds some, or 0: the gateway must not count on more. */
export function adapterPlaces(engines: readonly EnginePlacement[]): number {
  const places = engines.map(({ maxLoras }) => maxLoras).filter((count) => count > 0);
  return places.length === 0 ? 0 : Math.min(...places);
}
