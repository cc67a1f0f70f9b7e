import type { EnginePlacement } from "./engine-placement";

/** vLLM's default of `--gpu-memory-utilization` (https://docs.vllm.ai/en/stable/configuration/engine_args.html). */
const WHOLE_GPU_SHARE = 0.9;

/**
 * A VM's placements over pods: each model once, alone on a GPU. Batch sizes stay those of the VM: more memory only
 * widens the KV cache.
 */
export function podPlacement(machine: readonly EnginePlacement[]): EnginePlacement[] {
  return machine
    .filter(({ model }, index) => machine.findIndex((other) => other.model === model) === index)
    .map((placement) => ({ ...placement, gpu: 0, memoryShare: Math.max(placement.memoryShare, WHOLE_GPU_SHARE) }));
}
