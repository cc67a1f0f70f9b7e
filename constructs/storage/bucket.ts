import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

/** An unfinished upload's parts are billed and shown nowhere. */
const ABANDONED_UPLOAD_DAYS = 7;
const DAY_SECONDS = 24 * 3600;

/** On one bucket's objects. */
export type BucketRole = "roles/storage.objectViewer" | "roles/storage.objectCreator" | "roles/storage.objectAdmin";

export interface BucketGrant {
  readonly member: string;
  readonly role: BucketRole;
}

export interface BucketProps {
  /** Globally unique. */
  readonly name: string;
  readonly location: string;
  /** Label `role`. */
  readonly role: string;
  /**
   * Days before which nobody may delete or replace an object. `locked` can never be undone. @default versions are kept
   */
  readonly retention?: { readonly days: number; readonly locked: boolean } | undefined;
  /** For replaced and deleted objects. */
  readonly noncurrentDays: number;
  /** Kept beyond that. @default none */
  readonly keepNewerVersions?: number | undefined;
  /** @default never */
  readonly expireAfterDays?: number | undefined;
  /** For deleted versions, or the whole bucket: 7 to 90, or 0. */
  readonly softDeleteDays: number;
  /** Makes Terraform refuse to destroy the bucket. */
  readonly preventDestroy: boolean;
  /** Each by a name. */
  readonly grants: Readonly<Record<string, BucketGrant>>;
  readonly dependsOn?: ITerraformDependable[];
}

/**
 * Never public; uniform access, because IAM reviews see no object ACLs. Versions keep what is replaced, until a rule
 * whose conditions must all hold: `keepNewerVersions` extends the days. With a retention period there are no versions.
 * `force_destroy` is off.
 * @example
 * new Bucket(this, "models", {
 *   name: "acme-demo-models", location: "asia-northeast3", role: "models", noncurrentDays: 30, softDeleteDays: 7,
 *   preventDestroy: false, grants: { "llm-vm": { member, role: "roles/storage.objectViewer" } },
 * });
 */
export class Bucket extends Construct {
  readonly resource: StorageBucket;

  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id);
    if (props.softDeleteDays !== 0 && (props.softDeleteDays < 7 || props.softDeleteDays > 90)) {
      throw new RangeError(`bucket ${props.name}: softDeleteDays ${props.softDeleteDays} must be 0, or 7 to 90`);
    }
    this.resource = new StorageBucket(this, "bucket", {
      name: props.name,
      location: props.location,
      storageClass: "STANDARD",
      labels: { role: props.role },
      uniformBucketLevelAccess: true,
      publicAccessPrevention: "enforced",
      forceDestroy: false,
      ...retention(props),
      softDeletePolicy: { retentionDurationSeconds: props.softDeleteDays * DAY_SECONDS },
      lifecycleRule: lifecycleRules(props),
      lifecycle: props.preventDestroy ? { preventDestroy: true } : undefined,
      dependsOn: props.dependsOn,
    });
    for (const [name, { member, role }] of Object.entries(props.grants)) {
      new StorageBucketIamMember(this, `${role.replace("roles/storage.", "")}-${name}`, {
        bucket: this.resource.name,
        role,
        member,
      });
    }
  }
}

function retention({ name, retention, expireAfterDays }: BucketProps) {
  if (retention === undefined) return { versioning: { enabled: true } };
  if (expireAfterDays !== undefined && expireAfterDays < retention.days) {
    throw new RangeError(
      `bucket ${name}: objects expire after ${expireAfterDays} days and are retained ${retention.days}`,
    );
  }
  return {
    versioning: { enabled: false },
    retentionPolicy: { retentionPeriod: retention.days * DAY_SECONDS, isLocked: retention.locked },
  };
}

function lifecycleRules(props: BucketProps) {
  const remove = { type: "Delete" };
  return [
    {
      action: remove,
      condition: {
        daysSinceNoncurrentTime: props.noncurrentDays,
        numNewerVersions: props.keepNewerVersions,
        withState: "ARCHIVED",
      },
    },
    ...(props.expireAfterDays === undefined
      ? []
      : [{ action: remove, condition: { age: props.expireAfterDays, withState: "LIVE" } }]),
    { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: ABANDONED_UPLOAD_DAYS, withState: "ANY" } },
  ];
}
