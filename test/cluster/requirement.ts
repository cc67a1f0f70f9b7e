import { describe, it, jest } from "@jest/globals";
import { CANNOT_START_CLUSTER } from "./variables";

/** Releases wait for pods, on a machine that other tests keep busy. */
const TIMEOUT_MS = 180_000;

/** Why there is no cluster here; empty where there is one. */
export function withoutCluster(): string {
  return process.env[CANNOT_START_CLUSTER] ?? "the jest project `cluster` did not start it";
}

/**
 * A suite that needs the cluster. It is skipped where that could not be started.
 * @param reason for which it cannot run. @default that there is no cluster
 */
export function describeInCluster(name: string, suite: () => void, reason = withoutCluster()): void {
  jest.setTimeout(TIMEOUT_MS);
  if (reason === "") describe(name, suite);
  else describe.skip(name, () => it(`needs a cluster: ${reason}`, () => {}));
}
