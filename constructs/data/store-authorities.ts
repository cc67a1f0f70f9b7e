import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { Construct } from "constructs";
import { AUTHORITIES } from "../../planning/shared-stores";
import { Bucket, type BucketGrant } from "../storage/bucket";

export interface StoreAuthoritiesProps {
  readonly bucket: string;
  readonly region: string;
  /** PEM. */
  readonly postgres: string;
  /** PEM. */
  readonly redis: string;
  /** Makes Terraform refuse to destroy the bucket. */
  readonly preventDestroy: boolean;
  /** IAM members, each by a name. */
  readonly readers: Readonly<Record<string, string>>;
}

/**
 * Certificates of the stores' authorities, which Google makes with each instance. Public; machines read them from a
 * bucket at boot. Near its end Google adds a successor: apply the stack, then restart the machines one by one.
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
