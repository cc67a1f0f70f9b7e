import type { Construct } from "constructs";
import { DiskSnapshotSchedule } from "../constructs/data/disk-snapshot-schedule";
import { MemorystoreInstance } from "../constructs/data/memorystore-instance";
import { PostgresInstance } from "../constructs/data/postgres-instance";
import { QdrantVm } from "../constructs/data/qdrant-vm";
import { StoreAuthorities } from "../constructs/data/store-authorities";
import { StoreLogin } from "../constructs/data/store-login";
import { PrivateRecord } from "../constructs/network/private-record";
import type { Environment } from "../environment/environment";
import { backupRegion } from "../planning/backup-region";
import { imageReference } from "../planning/images";
import { VECTOR_STORE } from "../planning/names";
import type { ManagedData } from "../settings/schema/settings";
import { TerraceStack } from "./terrace-stack";

/** Days for which the daily backup of the vector database is kept. Source: R-104. */
const SNAPSHOT_DAYS = 35;

/**
 * What outlives every redeploy: PostgreSQL, Memorystore, Qdrant, and the private names by which the app finds them. The
 * network, the zone and the accounts are foundation's.
 */
export class DataStack extends TerraceStack {
  /** @throws RangeError where the settings have no managed data. */
  constructor(scope: Construct, environment: Environment) {
    super(scope, "data", environment);
    const { settings } = environment;
    const { data } = settings;
    if (data.kind !== "managed")
      throw new RangeError(`${settings.environment}: data.kind is "${data.kind}", so there is no data stack`);
    const postgres = this.postgres(data);
    const redis = this.redis(data);
    this.vectorStore(data);
    new StoreAuthorities(this, "authorities", {
      bucket: this.names.bucket("authorities"),
      region: settings.region,
      postgres: postgres.authority,
      redis: redis.authority,
      preventDestroy: data.deletionProtection,
      readers: {
        "llm-vm": this.names.accountMember("llm-vm"),
        backup: this.names.accountMember("backup"),
      },
    });
    for (const workload of ["llm-vm", "backup"] as const) {
      new StoreLogin(this, `${workload}-login`, {
        project: settings.project,
        account: this.names.accountEmail(workload),
        sqlInstance: postgres.instance,
      });
    }
  }

  private postgres({ postgres, deletionProtection }: ManagedData): PostgresInstance {
    const { names, settings } = this;
    const instance = new PostgresInstance(this, "postgres", {
      ...postgres,
      name: names.sqlInstance,
      region: settings.region,
      deletionProtection,
      network: names.networkLink(),
      allocatedRange: names.servicesRange,
      backupLocation: backupRegion(settings.region),
      database: names.database,
      labels: this.labels,
    });
    const { address } = instance;
    new PrivateRecord(this, "postgres-name", { zone: names.privateZone, host: names.privateHost("postgres"), address });
    return instance;
  }

  private redis({ redis, deletionProtection }: ManagedData): MemorystoreInstance {
    const { names, settings } = this;
    const instance = new MemorystoreInstance(this, "redis", {
      name: names.redisInstance,
      project: settings.project,
      region: settings.region,
      ...redis,
      deletionProtection,
      network: names.networkLink(),
      subnetwork: names.subnetworkLink(),
    });
    const { address } = instance;
    new PrivateRecord(this, "redis-name", { zone: names.privateZone, host: names.privateHost("redis"), address });
    return instance;
  }

  private vectorStore({ vectorStore, deletionProtection }: ManagedData): void {
    const { names, settings } = this;
    const { address, disk } = new QdrantVm(this, "qdrant", {
      ...vectorStore,
      name: names.vectorStoreInstance,
      subnetwork: names.subnetworkLink(),
      serviceAccountEmail: names.accountEmail(VECTOR_STORE),
      image: imageReference(names, settings.images.vectorStore),
      environment: settings.environment,
      labels: this.labels,
      deletionProtection,
    });
    new PrivateRecord(this, "qdrant-name", { zone: names.privateZone, host: names.privateHost(VECTOR_STORE), address });
    new DiskSnapshotSchedule(this, "qdrant-snapshots", {
      name: names.of("qdrant-daily"),
      region: settings.region,
      disk: disk.name,
      zone: vectorStore.zone,
      retentionDays: SNAPSHOT_DAYS,
      storageLocation: backupRegion(settings.region),
      snapshotLabels: { ...this.labels, role: VECTOR_STORE },
    });
  }
}
