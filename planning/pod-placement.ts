/** Which engines run in the cluster: one Deployment a model, each pod with an L4 of its own. */
import type { EnginePlacement } from "./engine-placement";

/**
 * Share of an L4's memory that an engine alone on it takes. Source: vLLM's own default of `--gpu-memory-utilization`
 * (https://docs.vllm.ai/en/stable/configuration/engine_args.html), which the VMs' engines with a GPU to themselves use.
 */
const WHOLE_GPU_SHARE = 0.9;

/**
 * The placements of one VM, spread over pods: each model once, on the one GPU of its pod, with the whole of its memory
 * where a VM's engines shared it. Batch sizes stay those of the VM: more memory only makes room in the KV cache.
 */
export function podPlacement(machine: readonly EnginePlacement[]): EnginePlacement[] {
  return machine
    .filter(({ model }, index) => machine.findIndex((other) => other.model === model) === index)
    .map((placement) => ({ ...placement, gpu: 0, memoryShare: Math.max(placement.memoryShare, WHOLE_GPU_SHARE) }));
}
