/** How long a release of the workload may take. Its parts are added up here, so that none ends before one within it. */
import { coldStartBudget, NODE_SECONDS } from "./cold-start";
import type { ModelName } from "./models";

export interface Rollout {
  readonly models: readonly ModelName[];
  /** Most pods of a model. */
  readonly replicas: number;
  /** A leaving pod's `terminationGracePeriodSeconds`. */
  readonly stopSeconds: number;
}

/** The Job that migrates the database, before the release. */
export const MIGRATION_SECONDS = 900;

/** Helm begins to wait for a Job a moment before its own deadline begins. */
const HOOK_MARGIN_SECONDS = 60;

/**
 * Until an engine's first pod of a release must have answered: its predecessor leaves, and it comes on a new node. The
 * chart adds up the same (`llm-serving.releaseCheckSeconds`).
 * @throws RangeError where there is no model.
 */
export function releaseCheckSeconds({ models, stopSeconds }: Pick<Rollout, "models" | "stopSeconds">): number {
  return NODE_SECONDS + stopSeconds + slowestPodSeconds(models);
}

/**
 * `timeout` of the release, seconds: Helm waits that long for its pods, and again for each hook. Models roll side by
 * side; each pod leaves before its successor gets the GPU, and one node may be new.
 * @throws RangeError where there is no model, or no pod of it.
 */
export function rolloutTimeoutSeconds(rollout: Rollout): number {
  const { models, replicas, stopSeconds } = rollout;
  if (!Number.isInteger(replicas) || replicas < 1) throw new RangeError(`${replicas} is no number of replicas`);
  return Math.max(
    NODE_SECONDS + replicas * (stopSeconds + slowestPodSeconds(models)),
    releaseCheckSeconds(rollout) + HOOK_MARGIN_SECONDS,
    MIGRATION_SECONDS + HOOK_MARGIN_SECONDS,
  );
}

/** A whole apply of the release, seconds: migration, pods, check, and the way back where that fails. */
export function longestReleaseSeconds(rollout: Rollout): number {
  return MIGRATION_SECONDS + 2 * rolloutTimeoutSeconds(rollout) + releaseCheckSeconds(rollout);
}

function slowestPodSeconds(models: readonly ModelName[]): number {
  if (models.length === 0) throw new RangeError("a rollout needs at least one model");
  return Math.max(...models.map((model) => coldStartBudget(model).podSeconds));
}
