import { blocksAlong, blocksAt, type JsonObject, textAt } from "../../support/json";
import { type PlacedResource, resourcesIn } from "../../support/stack-view";
import { violation } from "../../support/violation";
import { type PolicyRule, referenced, resourceRule } from "./rule";

const BUCKETS: readonly string[] = ["google_storage_bucket"];
const SQL: readonly string[] = ["google_sql_database_instance"];
/** Types that hold what nobody can make again. */
const KEEPERS: readonly string[] = [
  ...BUCKETS,
  ...SQL,
  "google_sql_database",
  "google_memorystore_instance",
  "google_compute_disk",
];

/** A disk of the monitoring machine holds metrics, which may go with it. */
function holdsData({ type, stack }: PlacedResource): boolean {
  return type !== "google_compute_disk" || stack.kind === "data";
}

function retentionDays(body: JsonObject): number {
  const [{ retention_period: seconds } = { retention_period: 0 }] = blocksAt(body, "retention_policy");
  return Number(seconds) / (24 * 3600);
}

/** What must outlive every redeploy. */
export const DATA_RULES: readonly PolicyRule[] = [
  resourceRule(
    "data-cannot-be-destroyed",
    "In production Terraform refuses to destroy what holds data.",
    KEEPERS,
    (resource, _, settings) => {
      if (settings.profile !== "production" || !holdsData(resource)) return undefined;
      return blocksAt(resource.body, "lifecycle").some((lifecycle) => lifecycle.prevent_destroy === true)
        ? undefined
        : "can be destroyed";
    },
  ),
  resourceRule(
    "state-cannot-be-destroyed",
    "The bucket of the states is protected everywhere.",
    BUCKETS,
    ({ body, stack }) =>
      stack.kind !== "bootstrap" || blocksAt(body, "lifecycle").some((lifecycle) => lifecycle.prevent_destroy === true)
        ? undefined
        : "can be destroyed, with every state in it",
  ),
  resourceRule(
    "deletion-protection-is-said",
    "deletion_protection is an explicit choice, in Terraform and in Google Cloud alike.",
    SQL,
    ({ body }, _, { data }) => {
      const wanted = data.kind === "managed" && data.deletionProtection;
      const [settings = {}] = blocksAt(body, "settings");
      return [
        ...(body.deletion_protection === wanted
          ? []
          : [`deletion_protection is ${body.deletion_protection ?? "unset"}, not ${wanted}`]),
        ...(settings.deletion_protection_enabled === wanted
          ? []
          : [`deletion_protection_enabled is ${settings.deletion_protection_enabled ?? "unset"}, not ${wanted}`]),
      ];
    },
  ),
  resourceRule(
    "sql-is-backed-up",
    "Backups are on, kept elsewhere, and go back to any second where the settings say so.",
    SQL,
    ({ body }, _, { data, region }) => {
      const [backup = {}] = blocksAlong(body, "settings", "backup_configuration");
      const recovery = data.kind === "managed" && data.postgres.pointInTimeRecovery;
      return [
        ...(backup.enabled === true ? [] : ["is not backed up"]),
        ...(backup.point_in_time_recovery_enabled === recovery ? [] : [`point-in-time recovery is not ${recovery}`]),
        ...(textAt(backup, "location") === undefined || backup.location === region
          ? ["keeps its backups where it stands"]
          : []),
      ];
    },
  ),
  resourceRule("sql-knows-iam", "People and machines log in by IAM.", SQL, ({ body }) =>
    blocksAlong(body, "settings", "database_flags").some(
      (flag) => flag.name === "cloudsql.iam_authentication" && flag.value === "on",
    )
      ? undefined
      : "has no IAM login",
  ),
  resourceRule(
    "sql-users-have-no-password",
    "A user with a password has it in the state.",
    ["google_sql_user"],
    ({ body }) => (textAt(body, "type")?.startsWith("CLOUD_IAM_") ? undefined : "logs in by password"),
  ),
  {
    id: "disks-are-snapshotted",
    says: "Every disk of the data stack has a snapshot schedule.",
    check: (environment) => {
      const attached = resourcesIn(environment, "google_compute_disk_resource_policy_attachment");
      return resourcesIn(environment, "google_compute_disk")
        .filter(holdsData)
        .filter(({ address }) => !attached.some(({ body }) => textAt(body, "disk")?.includes(`{${address}.`)))
        .map(({ stack, address }) => violation(stack, address, "has no snapshot schedule"));
    },
  },
  resourceRule(
    "snapshots-survive-the-disk",
    "Snapshots stay when their disk is deleted, and are kept elsewhere.",
    ["google_compute_resource_policy"],
    ({ body }, _, { region }) => {
      const [retention = {}] = blocksAlong(body, "snapshot_schedule_policy", "retention_policy");
      const [properties = {}] = blocksAlong(body, "snapshot_schedule_policy", "snapshot_properties");
      const elsewhere = JSON.stringify(properties.storage_locations ?? null);
      return [
        ...(retention.on_source_disk_delete === "KEEP_AUTO_SNAPSHOTS" ? [] : ["go with their disk"]),
        ...(elsewhere === "null" || elsewhere.includes(`"${region}"`) ? ["are kept where the disk is"] : []),
      ];
    },
  ),
  resourceRule("buckets-are-private", "Access is IAM's alone, and never public.", BUCKETS, ({ body }) => [
    ...(body.uniform_bucket_level_access === true ? [] : ["has access lists per object"]),
    ...(body.public_access_prevention === "enforced" ? [] : ["can be made public"]),
  ]),
  resourceRule(
    "buckets-keep-versions",
    "An overwritten or deleted object can be brought back, or none can be overwritten or deleted.",
    BUCKETS,
    ({ body }) => [
      ...(blocksAt(body, "versioning").some((versioning) => versioning.enabled === true) || retentionDays(body) > 0
        ? []
        : ["keeps no versions"]),
      ...(blocksAt(body, "lifecycle_rule").length > 0 ? [] : ["keeps every version for ever"]),
      ...(body.force_destroy === true ? ["is destroyed with its objects"] : []),
    ],
  ),
  resourceRule(
    "backups-cannot-be-deleted",
    "Nobody can delete a backup before its time, and it lies in another region.",
    BUCKETS,
    ({ body }, _, { data, region }) => {
      if (data.kind !== "managed" || !blocksAt(body, "labels").some((labels) => labels.role === "backups"))
        return undefined;
      return [
        ...(retentionDays(body) === data.backups.retentionDays
          ? []
          : [`retains for ${retentionDays(body)} days, not ${data.backups.retentionDays}`]),
        ...(body.location === region ? ["lies beside what it is to replace"] : []),
      ];
    },
  ),
  resourceRule(
    "images-are-cleaned-up",
    "Old images go; a dry run keeps and bills them all.",
    ["google_artifact_registry_repository"],
    ({ body }) => [
      ...(blocksAt(body, "cleanup_policies").some((policy) => policy.action === "DELETE") ? [] : ["keeps every image"]),
      ...(body.cleanup_policy_dry_run === false ? [] : ["cleans up in dry run only"]),
    ],
  ),
  resourceRule(
    "tags-do-not-move",
    "In production a tag that is pushed stays what it is.",
    ["google_artifact_registry_repository"],
    ({ body }, _, settings) =>
      settings.profile !== "production" ||
      body.mode === "REMOTE_REPOSITORY" ||
      blocksAt(body, "docker_config").some((docker) => docker.immutable_tags === true)
        ? undefined
        : "lets a tag move",
  ),
  resourceRule(
    "secrets-stay-in-region",
    "A secret is kept where the service is, not wherever Google likes.",
    ["google_secret_manager_secret"],
    ({ body }, _, { region }) =>
      blocksAlong(body, "replication", "user_managed", "replicas").some((replica) => replica.location === region)
        ? undefined
        : `is not kept in ${region}`,
  ),
  resourceRule(
    "alert-channels-are-reached",
    "An alert that tells nobody is no alert.",
    ["google_monitoring_alert_policy"],
    ({ body }, environment, { alerts }) => {
      if (alerts.emails.length === 0) return undefined;
      const [channel] = Array.isArray(body.notification_channels) ? body.notification_channels : [];
      return referenced(environment, String(channel), "google_monitoring_notification_channel") === undefined
        ? "tells nobody"
        : undefined;
    },
  ),
];
