import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import type { Construct } from "constructs";
import { DiskSnapshotSchedule } from "../constructs/data/disk-snapshot-schedule";
import { MemorystoreInstance } from "../constructs/data/memorystore-instance";
import { PostgresInstance } from "../constructs/data/postgres-instance";
import { QdrantVm } from "../constructs/data/qdrant-vm";
import { PrivateRecord } from "../constructs/network/private-record";
import { backupRegion } from "../planning/backup-region";
import { imageReference } from "../planning/images";
import type { ProjectRole } from "../planning/project-roles";
import type { ManagedData, Settings } from "../settings/settings";
import { TerraceStack } from "./terrace-stack";

/** Days for which the third document's daily backup of the vector database is kept. */
const SNAPSHOT_DAYS = 35;

/**
 * What outlives every redeploy: PostgreSQL, Memorystore, Qdrant, and the private names by which the app finds them. The
 * network, the zone and the accounts are foundation's.
 */
export class DataStack extends TerraceStack {
  /** @throws RangeError where the settings ask for no managed data. */
  constructor(scope: Construct, settings: Settings) {
    super(scope, "data", settings);
    const { data } = settings;
    if (data.kind !== "managed")
      throw new RangeError(`${settings.environment}: data.kind is "${data.kind}", so there is no data stack`);
    this.postgres(data);
    this.redis(data);
    this.qdrant(data);
  }

  private postgres({ postgres, deletionProtection }: ManagedData): void {
    const { names, settings } = this;
    const { address } = new PostgresInstance(this, "postgres", {
      ...postgres,
      name: names.sqlInstance,
      region: settings.region,
      deletionProtection,
      network: names.networkLink(),
      allocatedRange: names.servicesRange,
      backupLocation: backupRegion(settings.region),
      database: names.database,
      labels: this.labels,
      iamUsers: { "llm-vm": names.accountEmail("llm-vm") },
    });
    new PrivateRecord(this, "postgres-name", { zone: names.privateZone, host: names.privateHost("postgres"), address });
    new ProjectIamMember(this, "postgres-login", {
      project: settings.project,
      role: "roles/cloudsql.instanceUser" satisfies ProjectRole,
      member: names.accountMember("llm-vm"),
      condition: {
        title: "this-instance",
        expression: `resource.type == 'sqladmin.googleapis.com/Instance' && resource.name == 'projects/${settings.project}/instances/${names.sqlInstance}'`,
      },
    });
  }

  private redis({ redis, deletionProtection }: ManagedData): void {
    const { names, settings } = this;
    const { address } = new MemorystoreInstance(this, "redis", {
      name: names.redisInstance,
      project: settings.project,
      region: settings.region,
      ...redis,
      deletionProtection,
      network: names.networkLink(),
      subnetwork: names.subnetworkLink(),
    });
    new PrivateRecord(this, "redis-name", { zone: names.privateZone, host: names.privateHost("redis"), address });
    new ProjectIamMember(this, "redis-login", {
      project: settings.project,
      role: "roles/memorystore.dbConnectionUser" satisfies ProjectRole,
      member: names.accountMember("llm-vm"),
    });
  }

  private qdrant({ qdrant, deletionProtection }: ManagedData): void {
    const { names, settings } = this;
    const { address, disk } = new QdrantVm(this, "qdrant", {
      ...qdrant,
      name: names.qdrantInstance,
      subnetwork: names.subnetworkLink(),
      serviceAccountEmail: names.accountEmail("qdrant"),
      image: imageReference(names, settings.images.qdrant),
      environment: settings.environment,
      labels: this.labels,
      deletionProtection,
    });
    new PrivateRecord(this, "qdrant-name", { zone: names.privateZone, host: names.privateHost("qdrant"), address });
    new DiskSnapshotSchedule(this, "qdrant-snapshots", {
      name: names.of("qdrant-daily"),
      region: settings.region,
      disk: disk.name,
      zone: qdrant.zone,
      retentionDays: SNAPSHOT_DAYS,
      storageLocation: backupRegion(settings.region),
      snapshotLabels: { ...this.labels, role: "qdrant" },
    });
  }
}
