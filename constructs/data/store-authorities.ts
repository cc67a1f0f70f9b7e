import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { Construct } from "constructs";
import { AUTHORITIES } from "../../planning/shared-stores";
import { Bucket, type BucketGrant } from "../storage/bucket";

export interface StoreAuthoritiesProps {
  /** Name of the bucket, globally unique. */
  readonly bucket: string;
  readonly region: string;
  /** Certificates of the authority that signed PostgreSQL's own, PEM. */
  readonly postgres: string;
  /** The same of Memorystore. */
  readonly redis: string;
  /** Makes Terraform refuse every plan that would destroy the bucket. */
  readonly preventDestroy: boolean;
  /** IAM members that read them, by a name for each. */
  readonly readers: Readonly<Record<string, string>>;
}

/**
 * The certificates by which clients know the shared stores: each instance has an authority of its own, which Google makes
 * with the instance. They are public, and lie in a bucket because machines boot with what is known before anything exists.
 *
 * When an authority is about to end, Google adds its successor: apply the stack, then restart the machines one by one.
 *
 * @example
 * new StoreAuthorities(this, "authorities", {
 *   bucket: names.bucket("authorities"), region: "asia-northeast3", postgres: postgres.authority, redis: redis.authority,
 *   preventDestroy: true, readers: { "llm-vm": names.accountMember("llm-vm") },
 * });
 */
export class StoreAuthorities extends Construct {
  constructor(scope: Construct, id: string, props: StoreAuthoritiesProps) {
    super(scope, id);
    const grants = Object.entries(props.readers).map(([name, member]): [string, BucketGrant] => [
      name,
      { member, role: "roles/storage.objectViewer" },
    ]);
    const { resource } = new Bucket(this, "bucket", {
      name: props.bucket,
      location: props.region,
      role: "authorities",
      noncurrentDays: 30,
      softDeleteDays: 7,
      preventDestroy: props.preventDestroy,
      grants: Object.fromEntries(grants),
    });
    for (const [name, content] of [
      [AUTHORITIES.postgres, props.postgres],
      [AUTHORITIES.redis, props.redis],
    ] as const) {
      new StorageBucketObject(this, name, {
        bucket: resource.name,
        name,
        content,
        contentType: "application/x-pem-file",
      });
    }
  }
}
