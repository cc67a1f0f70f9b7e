import { ComputeDiskResourcePolicyAttachment } from "@cdktf/provider-google/lib/compute-disk-resource-policy-attachment";
import { ComputeResourcePolicy } from "@cdktf/provider-google/lib/compute-resource-policy";
import { Construct } from "constructs";

/** 02:00 in Seoul, the hour of backups. */
const START_UTC = "17:00";

export interface DiskSnapshotScheduleProps {
  readonly name: string;
  readonly region: string;
  readonly disk: string;
  /** In `region`. */
  readonly zone: string;
  readonly retentionDays: number;
  /** Another region than the disk's. */
  readonly storageLocation: string;
  /** The provider's default labels do not reach snapshots. */
  readonly snapshotLabels: Readonly<Record<string, string>>;
}

/**
 * Crash-consistent, which Qdrant's write-ahead log recovers from. Snapshots outlive the disk.
 * @example
 * new DiskSnapshotSchedule(this, "qdrant-snapshots", {
 *   name: "terrace-production-qdrant", region: "asia-northeast3", disk: "terrace-production-qdrant-data", zone: "asia-northeast3-a",
 *   retentionDays: 35, storageLocation: "asia-northeast1", snapshotLabels: { environment: "production", role: "qdrant" },
 * });
 */
export class DiskSnapshotSchedule extends Construct {
  constructor(scope: Construct, id: string, props: DiskSnapshotScheduleProps) {
    super(scope, id);
    if (!props.zone.startsWith(`${props.region}-`)) {
      throw new RangeError(`snapshot schedule ${props.name}: zone ${props.zone} is not in region ${props.region}`);
    }
    const policy = new ComputeResourcePolicy(this, "schedule", {
      name: props.name,
      region: props.region,
      snapshotSchedulePolicy: {
        schedule: { dailySchedule: { daysInCycle: 1, startTime: START_UTC } },
        retentionPolicy: { maxRetentionDays: props.retentionDays, onSourceDiskDelete: "KEEP_AUTO_SNAPSHOTS" },
        snapshotProperties: {
          guestFlush: false,
          labels: { ...props.snapshotLabels },
          storageLocations: [props.storageLocation],
        },
      },
    });
    new ComputeDiskResourcePolicyAttachment(this, "attachment", {
      name: policy.name,
      disk: props.disk,
      zone: props.zone,
    });
  }
}
