/** Disks that the cluster's add-ons claim, GiB. */
import type { VectorStoreReplicas } from "./vector-store-cluster";

/** Where step 1 has no such disk. Source of the vector store's: R-22. */
const DEFAULT_DISK_GIB = { vectorStore: 50, prometheus: 50 } as const;

/** Data and snapshots apart, so that snapshots cannot fill the data's disk. */
const DISKS_PER_VECTOR_STORE_POD = 2;

const MOST_VECTOR_STORE_REPLICAS: VectorStoreReplicas = "3";

/** Silences and the log of notifications, some kilobytes each. */
export const ALERTMANAGER_DISK_GIB = 2;

export interface PlatformDisks {
  /** Data; snapshots have another of the same size. */
  readonly vectorStoreDiskGib: number;
  readonly prometheusDiskGib: number;
  readonly totalGib: number;
  /**
   * Quota of the claims. Claims of pods that shrinking took away stay until somebody deletes them, so it has room for the
   * most pods, and for one claim that is made anew beside the old one.
   */
  readonly quotaGib: number;
}

/** GB. */
export interface MachineDisks {
  readonly data:
    | { readonly kind: "none" }
    | { readonly kind: "managed"; readonly vectorStore: { readonly diskGb: number } };
  readonly monitoring: { readonly diskGb: number } | null;
}

/** As large as the disks of step 1's VMs, where there are any. */
export function platformDisks(
  { data, monitoring }: MachineDisks,
  vectorStoreReplicas: VectorStoreReplicas,
): PlatformDisks {
  const vectorStoreDiskGib = data.kind === "managed" ? data.vectorStore.diskGb : DEFAULT_DISK_GIB.vectorStore;
  const prometheusDiskGib = monitoring?.diskGb ?? DEFAULT_DISK_GIB.prometheus;
  const claimedBy = (replicas: VectorStoreReplicas) =>
    Number(replicas) * DISKS_PER_VECTOR_STORE_POD * vectorStoreDiskGib + prometheusDiskGib + ALERTMANAGER_DISK_GIB;
  return {
    vectorStoreDiskGib,
    prometheusDiskGib,
    totalGib: claimedBy(vectorStoreReplicas),
    quotaGib: claimedBy(MOST_VECTOR_STORE_REPLICAS) + Math.max(vectorStoreDiskGib, prometheusDiskGib),
  };
}
