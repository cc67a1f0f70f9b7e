import { z } from "zod";
import { decimal, text, whole, zone } from "./fields";

const postgres = z
  .strictObject({
    tier: text(/^db-custom-[0-9]+-[0-9]+$/, {
      rule: "must be a Cloud SQL tier with its vCPUs and MiB",
      fix: "write it like db-custom-2-7680",
    }).describe("Cloud SQL tier."),
    storageGb: whole(10, 10000, "GB").default(20).describe("Disk; 20 GB by default, grows by itself."),
    highAvailability: z.boolean().default(false).describe("A standby in another zone; off by default."),
    pointInTimeRecovery: z
      .boolean()
      .default(true)
      .describe("Log archive for recovery to any second of the last 7 days; on by default."),
  })
  // Cloud SQL: https://cloud.google.com/sql/docs/postgres/high-availability
  .refine(({ highAvailability, pointInTimeRecovery }) => pointInTimeRecovery || !highAvailability, {
    path: ["pointInTimeRecovery"],
    message: "must be true with highAvailability: a standby needs the log archive",
    params: { fix: "write true, or turn highAvailability off" },
  });

const redis = z.strictObject({
  memoryGb: decimal(0.1, 46, "GB").default(1).describe("What keys and values may take; 1 GB by default."),
  highAvailability: z
    .boolean()
    .default(false)
    .describe("A replica in another zone, on nodes with a service-level agreement; off by default."),
});

const vectorStore = z.strictObject({
  zone: zone.describe("Zone of the Qdrant VM and its disk."),
  machineType: text(/^e2-(standard|highmem)-[0-9]+$/, {
    rule: "must be an e2 machine type",
    fix: "write it like e2-standard-2",
  })
    .default("e2-standard-2")
    .describe("Machine type; e2-standard-2 by default."),
  diskGb: whole(10, 2000, "GB").default(50).describe("pd-balanced data disk; 50 GB by default."),
});

/** Where state that must outlive the machines is kept. */
export const dataField = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({
      kind: z.literal("managed"),
      postgres: postgres.describe("Cloud SQL for PostgreSQL."),
      redis: redis.describe("Memorystore for Valkey, which Redis clients use unchanged."),
      vectorStore: vectorStore.describe("Qdrant on a VM of its own."),
      backups: z
        .strictObject({
          retentionDays: whole(7, 3650, "days")
            .default(35)
            .describe(
              "Days for which a backup can be neither deleted nor replaced, by anybody; then it goes. 35 by default.",
            ),
          locked: z
            .boolean()
            .default(false)
            .describe(
              "Locks that: nobody, Google included, can shorten it ever again, nor delete the bucket. It cannot be undone; off by default.",
            ),
        })
        .prefault({})
        .describe("Backups of PostgreSQL and the vectors in another region, at 02:00 in Seoul every day."),
      deletionProtection: z
        .boolean()
        .default(true)
        .describe("Refuses to delete the stores, in Google Cloud and in Terraform; on by default."),
    }),
  ])
  .default({ kind: "none" })
  .describe(
    "`managed`: Cloud SQL, Memorystore and a Qdrant VM. `none` (the default): the app's embedded stores, on one VM only.",
  );
