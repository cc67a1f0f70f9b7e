import { ALERTMANAGER_DISK_GIB, DEFAULT_PLATFORM_DISK_GIB, SNAPSHOT_DISKS } from "../planning/platform-disks";
import type { KubernetesSettings, Settings } from "./settings";

/** Disks that the platform's pods claim, GiB. */
export interface PlatformDisks {
  /** One disk of a Qdrant pod; it has another of the same size for its snapshots. */
  readonly qdrantDiskGib: number;
  readonly prometheusDiskGib: number;
  /** All claims together. */
  readonly totalGib: number;
}

/** As large as the disks of step 1's VMs, where the settings name those. */
export function platformDisks(
  { data, monitoring }: Pick<Settings, "data" | "monitoring">,
  { qdrantReplicas }: KubernetesSettings,
): PlatformDisks {
  const qdrantDiskGib = data.kind === "managed" ? data.qdrant.diskGb : DEFAULT_PLATFORM_DISK_GIB.qdrant;
  const prometheusDiskGib = monitoring?.diskGb ?? DEFAULT_PLATFORM_DISK_GIB.prometheus;
  const qdrantGib = Number(qdrantReplicas) * SNAPSHOT_DISKS * qdrantDiskGib;
  return { qdrantDiskGib, prometheusDiskGib, totalGib: qdrantGib + prometheusDiskGib + ALERTMANAGER_DISK_GIB };
}
