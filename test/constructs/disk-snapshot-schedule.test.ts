import { ComputeDiskResourcePolicyAttachment } from "@cdktf/provider-google/lib/compute-disk-resource-policy-attachment";
import { ComputeResourcePolicy } from "@cdktf/provider-google/lib/compute-resource-policy";
import { describe, expect, it } from "@jest/globals";
import { DiskSnapshotSchedule } from "../../constructs/data/disk-snapshot-schedule";
import { backupRegion } from "../../planning/backup-region";
import { templateOf } from "./stack-of";

const props = {
  name: "daily",
  region: "asia-northeast3",
  disk: "data",
  zone: "asia-northeast3-a",
  retentionDays: 35,
  storageLocation: "asia-northeast1",
  snapshotLabels: { role: "qdrant" },
};

describe("DiskSnapshotSchedule", () => {
  it("keeps daily snapshots elsewhere, also when the disk is gone", () => {
    const template = templateOf((scope) => new DiskSnapshotSchedule(scope, "s", props));
    template.expectResource(ComputeResourcePolicy, {
      snapshotSchedulePolicy: {
        schedule: { dailySchedule: { daysInCycle: 1, startTime: "17:00" } },
        retentionPolicy: { maxRetentionDays: 35, onSourceDiskDelete: "KEEP_AUTO_SNAPSHOTS" },
        snapshotProperties: { storageLocations: ["asia-northeast1"], labels: { role: "qdrant" } },
      },
    });
    template.expectResource(ComputeDiskResourcePolicyAttachment, { disk: "data", zone: "asia-northeast3-a" });
  });

  it("refuses a disk of another region", () => {
    expect(() =>
      templateOf((scope) => new DiskSnapshotSchedule(scope, "s", { ...props, zone: "us-central1-a" })),
    ).toThrow("us-central1-a is not in region asia-northeast3");
  });
});

describe("backupRegion", () => {
  it("is never the region itself, and throws with the regions that have one", () => {
    for (const region of ["asia-northeast3", "us-central1"]) expect(backupRegion(region)).not.toBe(region);
    expect(() => backupRegion("mars-north1")).toThrow(/"mars-north1" has no backup region.*asia-northeast3/);
  });
});
