import { SqlDatabase } from "@cdktf/provider-google/lib/sql-database";
import { SqlDatabaseInstance } from "@cdktf/provider-google/lib/sql-database-instance";
import { Construct } from "constructs";

export interface PostgresInstanceProps {
  readonly name: string;
  readonly region: string;
  /** E.g. `db-custom-2-7680`: 2 vCPUs, 7680 MiB. */
  readonly tier: string;
  /** The disk grows by itself and never shrinks. */
  readonly storageGb: number;
  readonly highAvailability: boolean;
  /** To any second of the last 7 days. */
  readonly pointInTimeRecovery: boolean;
  /** In Google Cloud and in Terraform. */
  readonly deletionProtection: boolean;
  /** With private services access. */
  readonly network: string;
  /** Reserved by private services access. */
  readonly allocatedRange: string;
  /** Another region than `region`. */
  readonly backupLocation: string;
  readonly database: string;
  /** The provider's default labels do not reach an instance's settings. */
  readonly labels: Readonly<Record<string, string>>;
}

/** 02:00 in Seoul, the hour of backups. */
const BACKUP_START_UTC = "17:00";
const KEPT_BACKUPS = 14;
/** The Enterprise edition's most. https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr */
const LOG_DAYS = 7;
/** Monday 03:00 in Seoul: after the backup, before work. */
const MAINTENANCE = { day: 7, hour: 18, updateTrack: "stable" } as const;

/** IAM login, and what the slow-query runbook reads. https://cloud.google.com/sql/docs/postgres/flags */
const DATABASE_FLAGS = [
  { name: "cloudsql.iam_authentication", value: "on" },
  { name: "log_lock_waits", value: "on" },
  // Milliseconds.
  { name: "log_min_duration_statement", value: "1000" },
];

/**
 * Cloud SQL for PostgreSQL 17 with a private address. The app logs in by IAM (`StoreLogin`), so no password exists.
 * - The edition is written: PostgreSQL 16 and newer default to Enterprise Plus, which refuses `db-custom-*` tiers at
 *   apply.
 * - Only encrypted connections, without client certificates: IAM needs no keys to distribute.
 * - To delete an instance, apply `deletionProtection` as false first.
 * - A standby needs the log archive; this class refuses at synth what Google refuses at apply.
 * - Once, after the first apply, a `cloudsqlsuperuser` runs `GRANT ALL ON DATABASE terrace TO
 *   "<account>@<project>.iam"`: a fresh IAM user may only connect.
 * @example
 * new PostgresInstance(this, "postgres", {
 *   name: names.sqlInstance, region: "asia-northeast3", tier: "db-custom-2-7680", storageGb: 20, highAvailability: true,
 *   pointInTimeRecovery: true, deletionProtection: true, network: names.networkLink(), allocatedRange: names.servicesRange,
 *   backupLocation: "asia-northeast1", database: "terrace", labels: { environment: "production" },
 * });
 */
export class PostgresInstance extends Construct {
  /** Private IPv4, known after the first apply. */
  readonly address: string;
  /** PEM of the server's authority, known after the first apply. */
  readonly authority: string;
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
      // Otherwise a later plan would shrink it, which replaces it.
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
      // Both would record what users wrote, or their addresses.
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
