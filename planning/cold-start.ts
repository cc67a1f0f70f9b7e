/**
 * The cold-start budget: how long a new engine may take from "there is no node" to its first answer, phase by phase.
 * Timeouts, startup probes and alerts are made of it, so that none gives up on a start that is merely normal.
 *
 * It is a budget, not a measurement: each phase is rounded up from what its source says.
 */
import { MODELS, type ModelName } from "./models";

/** Phases in the order in which they pass. */
export type ColdStartPhaseName = "node" | "image" | "weights" | "graphs";

export interface ColdStartPhase {
  readonly name: ColdStartPhaseName;
  readonly seconds: number;
  /** What happens meanwhile, and where the figure comes from. */
  readonly source: string;
  /** False: an allowance that was read in no source that we could open. Measure it, and correct it here. */
  readonly confirmed: boolean;
}

export interface ColdStartBudget {
  readonly model: ModelName;
  readonly phases: readonly ColdStartPhase[];
  /** All phases: a pod for which a node must be made first. */
  readonly totalSeconds: number;
  /** A pod on a node that is there: without the phase `node`. */
  readonly podSeconds: number;
  /** From the start of the engine's process to its first answer: what a startup probe waits for. */
  readonly engineSeconds: number;
}

/**
 * Seconds until a new GPU node takes pods: the autoscaler's decision, the VM's boot, and the driver, which GKE or the
 * DaemonSet installs at each first boot.
 */
const NODE_SECONDS = 240;

/**
 * Seconds for the engine's image, some 10 GB compressed. Streaming starts the container before all of it is there, but
 * a node's first container of an image still waits for much of it.
 */
const IMAGE_SECONDS = 120;

/**
 * Bytes a second in which weights come from the bucket and are checked against their SHA-256 sums: a third of the 333
 * MB/s that vLLM's plain loader made of 16 GB in 48.0 s, because here they are written, read again and hashed.
 * Source: Run:ai's comparison of model loaders (8B model on GP3: 48.0 s plain, 14.3 s streamed).
 */
const WEIGHT_BYTES_PER_SECOND = 110e6;

/** Bytes a second from the node's disk to the GPU: the same 16 GB in 48.0 s. */
const LOAD_BYTES_PER_SECOND = 333e6;

/**
 * Seconds in which vLLM compiles, profiles its memory, captures CUDA graphs and answers the warm-up request, beside the
 * load itself. With it the whole budget of an 8B model is above the 10 minutes that an untuned one is known to take.
 */
const GRAPHS_SECONDS = 180;

/** The budget of one engine pod. */
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

/** What a rolling release of engines has to get through. */
export interface Rollout {
  readonly models: readonly ModelName[];
  /** Pods of each model. Without a spare GPU they are replaced one after another. */
  readonly replicas: number;
  /** Seconds that a leaving pod may take: its `terminationGracePeriodSeconds`. */
  readonly stopSeconds: number;
}

/**
 * Seconds that a release may take before it counts as failed: what `helm upgrade --atomic` waits. The models roll side
 * by side, so the slowest decides; each of its pods leaves before its successor starts on the GPU that becomes free. One
 * node may have to be made on the way.
 * @throws RangeError where there is no model, or no pod of it.
 */
export function rolloutTimeoutSeconds({ models, replicas, stopSeconds }: Rollout): number {
  if (models.length === 0) throw new RangeError("a rollout needs at least one model");
  if (!Number.isInteger(replicas) || replicas < 1) throw new RangeError(`${replicas} is no number of replicas`);
  const slowestPodSeconds = Math.max(...models.map((model) => coldStartBudget(model).podSeconds));
  return NODE_SECONDS + replicas * (stopSeconds + slowestPodSeconds);
}

/**
 * Failures in a row that a startup probe must forgive.
 * @throws RangeError for a period that is not positive.
 */
export function startupFailures(engineSeconds: number, periodSeconds: number): number {
  if (!(periodSeconds > 0)) throw new RangeError(`${periodSeconds} s is no period of a probe`);
  return Math.ceil(engineSeconds / periodSeconds);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
