import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

/** Days after which an upload that was never finished is removed; its parts are billed and shown nowhere. */
const ABANDONED_UPLOAD_DAYS = 7;
const DAY_SECONDS = 24 * 3600;

/** Roles on one bucket's objects. */
export type BucketRole = "roles/storage.objectViewer" | "roles/storage.objectCreator" | "roles/storage.objectAdmin";

export interface BucketGrant {
  readonly member: string;
  readonly role: BucketRole;
}

export interface BucketProps {
  /** Globally unique. */
  readonly name: string;
  /** Region. */
  readonly location: string;
  /** Value of the label `role`. */
  readonly role: string;
  /**
   * Days before which no object may be deleted or replaced, by anybody. Takes the place of versions, which Google does not
   * keep in such a bucket. `locked`: nobody can shorten it ever again, nor delete the bucket before its objects' time.
   * @default objects may be deleted and replaced, and the versions before are kept
   */
  readonly retention?: { readonly days: number; readonly locked: boolean } | undefined;
  /** Days for which a replaced or deleted object can be had back. */
  readonly noncurrentDays: number;
  /** Replaced versions that are kept beyond that. @default none */
  readonly keepNewerVersions?: number | undefined;
  /** Days after which an object is deleted. @default never */
  readonly expireAfterDays?: number | undefined;
  /** Days for which even a deleted version, or the whole bucket, can be had back: 7 to 90, or 0. */
  readonly softDeleteDays: number;
  /** Makes Terraform refuse every plan that would destroy the bucket. */
  readonly preventDestroy: boolean;
  /** Access to the objects, by a name for each. */
  readonly grants: Readonly<Record<string, BucketGrant>>;
  readonly dependsOn?: ITerraformDependable[];
}

/**
 * A Cloud Storage bucket that is never public and forgets nothing at once.
 *
 * - Uniform access: object ACLs would grant what no review of IAM shows.
 * - Public access is prevented, not merely not granted: a later binding for allUsers is refused.
 * - Versioning keeps what an overwrite or a deletion replaces, and a rule ends that: without one, versions are billed
 *   for ever. Both conditions of a rule must hold, so `keepNewerVersions` extends the days and never shortens them.
 * - With a retention period nothing is replaced, so there are no versions; Google refuses both in one bucket.
 * - `force_destroy` is off: a bucket with objects refuses to go.
 *
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
