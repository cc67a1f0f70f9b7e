/** Disks that the cluster's add-ons claim, GiB. */
import type { VectorStoreReplicas } from "./vector-store-cluster";

/** Where step 1 has no disk to be as large as. Source of the vector store's: R-22. */
const DEFAULT_DISK_GIB = { vectorStore: 50, prometheus: 50 } as const;

/** Disks of each pod of the vector store: its data, and its snapshots apart, so that a snapshot cannot fill the data's disk. */
const DISKS_PER_VECTOR_STORE_POD = 2;

/** Alertmanager's: silences and the log of what was notified, some kilobytes each. */
export const ALERTMANAGER_DISK_GIB = 2;

export interface PlatformDisks {
  /** One disk of a pod of the vector store; it has another of the same size for its snapshots. */
  readonly vectorStoreDiskGib: number;
  readonly prometheusDiskGib: number;
  /** All claims together. */
  readonly totalGib: number;
}

/** Disks of step 1's VMs, GB. */
export interface MachineDisks {
  readonly data:
    | { readonly kind: "none" }
    | { readonly kind: "managed"; readonly vectorStore: { readonly diskGb: number } };
  readonly monitoring: { readonly diskGb: number } | null;
}

/** As large as the disks of step 1's VMs, where there are any; 50 GiB otherwise. */
export function platformDisks(
  { data, monitoring }: MachineDisks,
  vectorStoreReplicas: VectorStoreReplicas,
): PlatformDisks {
  const vectorStoreDiskGib = data.kind === "managed" ? data.vectorStore.diskGb : DEFAULT_DISK_GIB.vectorStore;
  const prometheusDiskGib = monitoring?.diskGb ?? DEFAULT_DISK_GIB.prometheus;
  const vectorStoreGib = Number(vectorStoreReplicas) * DISKS_PER_VECTOR_STORE_POD * vectorStoreDiskGib;
  return {
    vectorStoreDiskGib,
    prometheusDiskGib,
    totalGib: vectorStoreGib + prometheusDiskGib + ALERTMANAGER_DISK_GIB,
  };
}
