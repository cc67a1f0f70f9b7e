/**
 * The cold-start budget: from "there is no node" to an engine's first answer. Timeouts, startup probes and alerts
 * follow from it, so that none gives up on a normal start. Phases are rounded up from their sources, not measured.
 */
import { MODELS, type ModelName } from "./models";

export type ColdStartPhaseName = "node" | "image" | "weights" | "graphs";

export interface ColdStartPhase {
  readonly name: ColdStartPhaseName;
  readonly seconds: number;
  readonly source: string;
  /** False: an allowance that was read in no source that we could open. Measure it, and correct it here. */
  readonly confirmed: boolean;
}

export interface ColdStartBudget {
  readonly model: ModelName;
  readonly phases: readonly ColdStartPhase[];
  /** With a new node. */
  readonly totalSeconds: number;
  /** On a node that is there. */
  readonly podSeconds: number;
  /** From the start of the process to its first answer. */
  readonly engineSeconds: number;
}

/** Seconds: the autoscaler's decision, the VM's boot, and the driver's installation. */
export const NODE_SECONDS = 240;

/** Some 10 GB. Streaming starts it early, but a node's first container still waits for much of it. */
const IMAGE_SECONDS = 120;

/**
 * Bytes a second from the bucket, with SHA-256: a third of what vLLM's plain loader reached, because here weights are
 * written, read again and hashed. Source: Run:ai's comparison of model loaders (8B model on GP3, 16 GB: 48.0 s plain,
 * 14.3 s streamed).
 */
const WEIGHT_BYTES_PER_SECOND = 110e6;

/** Bytes a second from the node's disk to the GPU: the same 16 GB in 48.0 s. */
const LOAD_BYTES_PER_SECOND = 333e6;

/** Seconds in which vLLM compiles, profiles, captures CUDA graphs and warms up. */
const GRAPHS_SECONDS = 180;

export function coldStartBudget(model: ModelName): ColdStartBudget {
  const { weightBytes } = MODELS[model];
  const weightsSeconds = Math.ceil(weightBytes / WEIGHT_BYTES_PER_SECOND);
  const engineSeconds = GRAPHS_SECONDS + Math.ceil(weightBytes / LOAD_BYTES_PER_SECOND);
  const phases: readonly ColdStartPhase[] = [
    {
      name: "node",
      seconds: NODE_SECONDS,
      source: "autoscaler, VM and GPU driver: an allowance",
      confirmed: false,
    },
    {
      name: "image",
      seconds: IMAGE_SECONDS,
      source: "vLLM's image with image streaming: an allowance",
      confirmed: false,
    },
    {
      name: "weights",
      seconds: weightsSeconds,
      source: `${gigabytes(weightBytes)} from the bucket at ${WEIGHT_BYTES_PER_SECOND / 1e6} MB/s, checksums included; Run:ai's plain loader makes 333 MB/s`,
      confirmed: true,
    },
    {
      name: "graphs",
      seconds: engineSeconds,
      source: `${gigabytes(weightBytes)} to the GPU at ${LOAD_BYTES_PER_SECOND / 1e6} MB/s (Run:ai), compilation and CUDA graphs ${GRAPHS_SECONDS} s: an allowance`,
      confirmed: false,
    },
  ];
  const totalSeconds = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  return { model, phases, totalSeconds, podSeconds: totalSeconds - NODE_SECONDS, engineSeconds };
}

/** `failureThreshold` of a startup probe. @throws RangeError for a period that is not positive. */
export function startupFailures(engineSeconds: number, periodSeconds: number): number {
  if (!(periodSeconds > 0)) throw new RangeError(`${periodSeconds} s is no period of a probe`);
  return Math.ceil(engineSeconds / periodSeconds);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
