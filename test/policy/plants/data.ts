import { without } from "../../support/edit";
import { resourcesIn } from "../../support/stack-view";
import { environment } from "../../support/synthesized";
import { edit, editIn, type Plant } from "./plant";

const SQL = "google_sql_database_instance";
const BUCKET = "google_storage_bucket";

export const DATA_PLANTS: readonly Plant[] = [
  edit(
    "data-cannot-be-destroyed",
    "a bucket",
    BUCKET,
    { "lifecycle.prevent_destroy": false },
    { name: "terrace-production-production-models" },
  ),
  edit("data-cannot-be-destroyed", "the database", SQL, { lifecycle: undefined }),
  edit(
    "data-cannot-be-destroyed",
    "a disk",
    "google_compute_disk",
    { lifecycle: undefined },
    { name: "terrace-production-qdrant-data" },
  ),
  editIn(
    "demo",
    "state-cannot-be-destroyed",
    "the state",
    BUCKET,
    { lifecycle: undefined },
    { name: "terrace-demo-demo-state" },
  ),
  edit("deletion-protection-is-said", "unset", SQL, { deletion_protection: undefined }),
  edit("deletion-protection-is-said", "off in Google Cloud", SQL, { "settings.deletion_protection_enabled": false }),
  edit("sql-is-backed-up", "no backup", SQL, { "settings.backup_configuration.enabled": false }),
  edit("sql-is-backed-up", "no point in time", SQL, {
    "settings.backup_configuration.point_in_time_recovery_enabled": false,
  }),
  edit("sql-is-backed-up", "the same region", SQL, { "settings.backup_configuration.location": "asia-northeast3" }),
  edit("sql-knows-iam", "no IAM", SQL, { "settings.database_flags": [] }),
  edit("sql-users-have-no-password", "a built-in user", "google_sql_user", { type: "BUILT_IN" }),
  {
    rule: "disks-are-snapshotted",
    mistake: "no schedule",
    into: "production",
    plant: () => ({
      environment: without(environment("production"), "google_compute_disk_resource_policy_attachment"),
      address:
        resourcesIn(environment("production"), "google_compute_disk").find(({ stack }) => stack.kind === "data")
          ?.address ?? "",
    }),
  },
  edit("snapshots-survive-the-disk", "gone with the disk", "google_compute_resource_policy", {
    "snapshot_schedule_policy.retention_policy.on_source_disk_delete": "APPLY_RETENTION_POLICY",
  }),
  edit("snapshots-survive-the-disk", "the same region", "google_compute_resource_policy", {
    "snapshot_schedule_policy.snapshot_properties.storage_locations": ["asia-northeast3"],
  }),
  edit("buckets-are-private", "access lists", BUCKET, { uniform_bucket_level_access: false }),
  edit("buckets-are-private", "public access", BUCKET, { public_access_prevention: "inherited" }),
  edit("buckets-keep-versions", "no versions", BUCKET, { "versioning.enabled": false }),
  edit("buckets-keep-versions", "no end", BUCKET, { lifecycle_rule: [] }),
  edit("buckets-keep-versions", "force_destroy", BUCKET, { force_destroy: true }),
  edit(
    "buckets-keep-versions",
    "backups without a period",
    BUCKET,
    { retention_policy: undefined },
    { name: "terrace-production-production-backups" },
  ),
  edit(
    "backups-cannot-be-deleted",
    "a day",
    BUCKET,
    { "retention_policy.retention_period": 86_400 },
    { name: "terrace-production-production-backups" },
  ),
  edit(
    "backups-cannot-be-deleted",
    "the same region",
    BUCKET,
    { location: "asia-northeast3" },
    { name: "terrace-production-production-backups" },
  ),
  edit("images-are-cleaned-up", "no policy", "google_artifact_registry_repository", { cleanup_policies: [] }),
  edit("images-are-cleaned-up", "a dry run", "google_artifact_registry_repository", { cleanup_policy_dry_run: true }),
  edit(
    "tags-do-not-move",
    "a moving tag",
    "google_artifact_registry_repository",
    { docker_config: undefined },
    { mode: "STANDARD_REPOSITORY" },
  ),
  edit("secrets-stay-in-region", "everywhere", "google_secret_manager_secret", { replication: { auto: {} } }),
];
