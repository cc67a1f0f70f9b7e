import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { describe, expect, it } from "@jest/globals";
import { Bucket, type BucketProps } from "../../constructs/storage/bucket";
import { templateOf } from "./stack-of";

const props: BucketProps = {
  name: "acme-models",
  location: "asia-northeast3",
  role: "models",
  noncurrentDays: 30,
  softDeleteDays: 7,
  preventDestroy: true,
  grants: { "llm-vm": { member: "serviceAccount:llm@acme", role: "roles/storage.objectViewer" } },
};
const bucket = (change: Partial<BucketProps> = {}) =>
  templateOf((scope) => new Bucket(scope, "b", { ...props, ...change }));

describe("Bucket", () => {
  it("is never public, keeps versions, and ends them", () => {
    bucket().expectResource(StorageBucket, {
      uniformBucketLevelAccess: true,
      publicAccessPrevention: "enforced",
      forceDestroy: false,
      versioning: { enabled: true },
      softDeletePolicy: { retentionDurationSeconds: 604_800 },
      lifecycle: { preventDestroy: true },
      lifecycleRule: [
        { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: 30, withState: "ARCHIVED" } },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7, withState: "ANY" } },
      ],
    });
  });

  it("deletes live objects only where an age is given", () => {
    const expiring = { action: { type: "Delete" }, condition: { age: 35, withState: "LIVE" } };
    const rulesOf = (change: Partial<BucketProps>) => bucket(change).resources(StorageBucket)[0]?.body.lifecycle_rule;
    expect(rulesOf({ expireAfterDays: 35 })).toContainEqual({
      action: expiring.action,
      condition: { age: 35, with_state: "LIVE" },
    });
    expect(JSON.stringify(rulesOf({}))).not.toContain("LIVE");
  });

  it("grants single members", () => {
    const template = bucket();
    template.expectCount(StorageBucketIamMember, 1);
    template.expectResource(StorageBucketIamMember, {
      role: "roles/storage.objectViewer",
      member: "serviceAccount:llm@acme",
    });
  });

  it("retains in place of keeping versions, which Google refuses together", () => {
    const template = bucket({ retention: { days: 35, locked: false }, expireAfterDays: 35 });
    template.expectResource(StorageBucket, {
      versioning: { enabled: false },
      retentionPolicy: { retentionPeriod: 35 * 86_400, isLocked: false },
    });
    bucket({ retention: { days: 35, locked: true } }).expectResource(StorageBucket, {
      retentionPolicy: { isLocked: true },
    });
    expect(() => bucket({ retention: { days: 35, locked: false }, expireAfterDays: 34 })).toThrow("retained 35");
  });

  it("refuses soft-delete days that Google refuses", () => {
    expect(() => bucket({ softDeleteDays: 3 })).toThrow("softDeleteDays 3");
    expect(() => bucket({ softDeleteDays: 91 })).toThrow("softDeleteDays 91");
    expect(() => bucket({ softDeleteDays: 0 })).not.toThrow();
  });
});
