import { SqlDatabase } from "@cdktf/provider-google/lib/sql-database";
import { SqlDatabaseInstance } from "@cdktf/provider-google/lib/sql-database-instance";
import { Construct } from "constructs";

export interface PostgresInstanceProps {
  readonly name: string;
  readonly region: string;
  /** E.g. `db-custom-2-7680`: 2 vCPUs, 7680 MiB. */
  readonly tier: string;
  /** GB to begin with; the disk grows by itself and never shrinks. */
  readonly storageGb: number;
  /** A standby in another zone of the region. */
  readonly highAvailability: boolean;
  /** Recovery to any second of the last 7 days. */
  readonly pointInTimeRecovery: boolean;
  /** Google refuses to delete the instance, and Terraform to destroy it. */
  readonly deletionProtection: boolean;
  /** Network link that private services access is connected to. */
  readonly network: string;
  /** Name of the range that private services access reserved. */
  readonly allocatedRange: string;
  /** Region of the backups; another one than `region`, so that one loss leaves the other. */
  readonly backupLocation: string;
  /** Database to make. */
  readonly database: string;
  /** Labels; the provider's default labels do not reach the settings of an instance. */
  readonly labels: Readonly<Record<string, string>>;
}

/** 17:00 UTC is 02:00 in Seoul, the hour of backups. */
const BACKUP_START_UTC = "17:00";
/** Daily backups that are kept. */
const KEPT_BACKUPS = 14;
/** Most that the Enterprise edition keeps. https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr */
const LOG_DAYS = 7;
/** Sunday (7) 18:00 UTC, Monday 03:00 in Seoul: after the backup, before work. */
const MAINTENANCE = { day: 7, hour: 18, updateTrack: "stable" } as const;

/** IAM login, and what the slow-query runbook reads. https://cloud.google.com/sql/docs/postgres/flags */
const DATABASE_FLAGS = [
  { name: "cloudsql.iam_authentication", value: "on" },
  { name: "log_lock_waits", value: "on" },
  // Milliseconds.
  { name: "log_min_duration_statement", value: "1000" },
];

/**
 * Cloud SQL for PostgreSQL 17 with a private address, and no password anywhere.
 *
 * - The app logs in by IAM (`StoreLogin`): its service account is a database user, the password is an access token that
 *   lives an hour. No user with a password is made, so none can stand in a state file. The policy is for those that a
 *   person adds.
 * - The edition is said: from PostgreSQL 16 on Google takes Enterprise Plus where nothing is said, and refuses
 *   `db-custom-*` tiers there, at apply.
 * - Only encrypted connections are taken. Client certificates are not asked for: they would be keys to distribute, which
 *   IAM does without.
 * - Deletion protection has two halves, Google's and Terraform's; to delete an instance both are first applied as false.
 * - A standby needs the log archive; Google refuses one without the other at apply, this class at synth.
 * - Once, after the first apply: a user of `cloudsqlsuperuser` grants the IAM user its rights on the database
 *   (`GRANT ALL ON DATABASE terrace TO "<account>@<project>.iam"`), because a fresh IAM user may only connect.
 *
 * @example
 * new PostgresInstance(this, "postgres", {
 *   name: names.sqlInstance, region: "asia-northeast3", tier: "db-custom-2-7680", storageGb: 20, highAvailability: true,
 *   pointInTimeRecovery: true, deletionProtection: true, network: names.networkLink(), allocatedRange: names.servicesRange,
 *   backupLocation: "asia-northeast1", database: "terrace", labels: { environment: "production" },
 * });
 */
export class PostgresInstance extends Construct {
  /** Private IPv4 address, known after the first apply. */
  readonly address: string;
  /** Certificates of the authority that signed the server's own, PEM, known after the first apply. */
  readonly authority: string;
  /** Name of the instance, known once it is there. */
  readonly instance: string;

  constructor(scope: Construct, id: string, props: PostgresInstanceProps) {
    super(scope, id);
    if (props.highAvailability && !props.pointInTimeRecovery) {
      throw new RangeError(`${props.name}: highAvailability needs pointInTimeRecovery, which is off`);
    }
    if (props.backupLocation === props.region) {
      throw new RangeError(
        `${props.name}: backupLocation ${props.backupLocation} is the region of the instance itself`,
      );
    }
    const protect = props.deletionProtection ? { preventDestroy: true } : {};
    const instance = new SqlDatabaseInstance(this, "instance", {
      name: props.name,
      region: props.region,
      databaseVersion: "POSTGRES_17",
      deletionProtection: props.deletionProtection,
      settings: instanceSettings(props),
      // It grows by itself; without this a later plan would ask to shrink it, which means to replace it.
      lifecycle: { ...protect, ignoreChanges: ["settings[0].disk_size"] },
    });
    this.address = instance.privateIpAddress;
    this.instance = instance.name;
    this.authority = `\${join("", ${instance.fqn}.server_ca_cert[*].cert)}`;
    new SqlDatabase(this, "database", {
      name: props.database,
      instance: instance.name,
      deletionPolicy: "ABANDON",
      lifecycle: props.deletionProtection ? { preventDestroy: true } : undefined,
    });
  }
}

function instanceSettings(props: PostgresInstanceProps) {
  return {
    userLabels: { ...props.labels },
    tier: props.tier,
    edition: "ENTERPRISE",
    availabilityType: props.highAvailability ? "REGIONAL" : "ZONAL",
    diskType: "PD_SSD",
    diskSize: props.storageGb,
    diskAutoresize: true,
    deletionProtectionEnabled: props.deletionProtection,
    retainBackupsOnDelete: true,
    databaseFlags: DATABASE_FLAGS,
    maintenanceWindow: MAINTENANCE,
    ipConfiguration: {
      ipv4Enabled: false,
      privateNetwork: props.network,
      allocatedIpRange: props.allocatedRange,
      sslMode: "ENCRYPTED_ONLY",
    },
    backupConfiguration: {
      enabled: true,
      startTime: BACKUP_START_UTC,
      location: props.backupLocation,
      pointInTimeRecoveryEnabled: props.pointInTimeRecovery,
      ...(props.pointInTimeRecovery ? { transactionLogRetentionDays: LOG_DAYS } : {}),
      backupRetentionSettings: { retainedBackups: KEPT_BACKUPS, retentionUnit: "COUNT" },
    },
    insightsConfig: {
      queryInsightsEnabled: true,
      // Both would put what a user wrote, or where from, beside the statistics.
      recordApplicationTags: false,
      recordClientAddress: false,
    },
    passwordValidationPolicy: {
      enablePasswordPolicy: true,
      complexity: "COMPLEXITY_DEFAULT",
      minLength: 16,
      disallowUsernameSubstring: true,
    },
  };
}
