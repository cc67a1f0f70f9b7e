/**
 * Longest that the apply of a stack may wait, so that whoever runs it does not end it before: an apply that is cut off
 * leaves its state locked and its release unfinished (docs/runbooks/release-stuck.md).
 */
import { longestReleaseSeconds, type Rollout } from "./rollout";

/** In which a release of the platform must be ready: its nodes, its disks and its images come first. */
export const PLATFORM_RELEASE_SECONDS = 900;

/** Monitoring, and after it the others side by side. */
const PLATFORM_RELEASE_LEVELS = 2;

const MINUTE = 60;

/**
 * Seconds: the google provider's default timeouts (6.50) of the slowest resources that wait for each other.
 * https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/container_cluster#timeouts, and so on.
 */
const CLOUD_SECONDS = {
  bootstrap: 20 * MINUTE,
  foundation: 20 * MINUTE,
  /** `google_memorystore_instance`, which is resized longer than Cloud SQL. */
  data: 120 * MINUTE,
  /** Machines, and the groups and services that they are in. */
  "vm-serving": 40 * MINUTE,
  /** `google_container_cluster`, then its node pools. */
  "gke-cluster": (60 + 30) * MINUTE,
  operations: 20 * MINUTE,
  /** Certificate and services, then what names them. */
  edge: 40 * MINUTE,
} as const;

type AppliedStack = keyof typeof CLOUD_SECONDS | "gke-platform" | "gke-serving";

/**
 * @param rollout of the cluster's release; `null` where there is no cluster, and then no stack needs one.
 * @public The limits of `.github/workflows/deploy.yml` are compared with it by a test.
 */
export function longestApplySeconds(stack: AppliedStack, rollout: Rollout | null): number {
  if (stack === "gke-platform") {
    // Every level is ready at the last moment, and the last one is not: it is rolled back, which takes as long again.
    return (PLATFORM_RELEASE_LEVELS + 1) * PLATFORM_RELEASE_SECONDS;
  }
  if (stack === "gke-serving") {
    if (rollout === null) throw new RangeError("gke-serving has a release only where there is a cluster");
    return longestReleaseSeconds(rollout);
  }
  return CLOUD_SECONDS[stack];
}
