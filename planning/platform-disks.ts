/** Disks of the cluster's add-ons, GiB. */

/** Where step 1's settings name no disk to be as large as. Source of Qdrant's: R-22. */
export const DEFAULT_PLATFORM_DISK_GIB = { qdrant: 50, prometheus: 50 } as const;

/** Disks of each Qdrant pod: its data, and its snapshots apart, so that a snapshot cannot fill the data's disk. */
export const SNAPSHOT_DISKS = 2;

/** Alertmanager's: silences and the log of what was notified, some kilobytes each. */
export const ALERTMANAGER_DISK_GIB = 2;
