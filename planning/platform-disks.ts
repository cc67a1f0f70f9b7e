/** Disks that the cluster's add-ons claim, GiB. */
import type { QdrantReplicas } from "./qdrant-cluster";

/** Where step 1 has no disk to be as large as. Source of Qdrant's: R-22. */
const DEFAULT_DISK_GIB = { qdrant: 50, prometheus: 50 } as const;

/** Disks of each Qdrant pod: its data, and its snapshots apart, so that a snapshot cannot fill the data's disk. */
const DISKS_PER_QDRANT_POD = 2;

/** Alertmanager's: silences and the log of what was notified, some kilobytes each. */
export const ALERTMANAGER_DISK_GIB = 2;

export interface PlatformDisks {
  /** One disk of a Qdrant pod; it has another of the same size for its snapshots. */
  readonly qdrantDiskGib: number;
  readonly prometheusDiskGib: number;
  /** All claims together. */
  readonly totalGib: number;
}

/** Disks of step 1's VMs, GB. */
export interface MachineDisks {
  readonly data: { readonly kind: "none" } | { readonly kind: "managed"; readonly qdrant: { readonly diskGb: number } };
  readonly monitoring: { readonly diskGb: number } | null;
}

/** As large as the disks of step 1's VMs, where there are any; 50 GiB otherwise. */
export function platformDisks({ data, monitoring }: MachineDisks, qdrantReplicas: QdrantReplicas): PlatformDisks {
  const qdrantDiskGib = data.kind === "managed" ? data.qdrant.diskGb : DEFAULT_DISK_GIB.qdrant;
  const prometheusDiskGib = monitoring?.diskGb ?? DEFAULT_DISK_GIB.prometheus;
  const qdrantGib = Number(qdrantReplicas) * DISKS_PER_QDRANT_POD * qdrantDiskGib;
  return { qdrantDiskGib, prometheusDiskGib, totalGib: qdrantGib + prometheusDiskGib + ALERTMANAGER_DISK_GIB };
}
