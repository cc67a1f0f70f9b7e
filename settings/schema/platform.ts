import { z } from "zod";
import { cidr, number, oneOf, text, whole } from "./fields";

const image = z.strictObject({
  registry: oneOf(["own", "docker-hub", "nvcr"], "a registry").describe(
    "`own`: the environment's Artifact Registry; the others: Artifact Registry's mirror of that registry, so that no VM needs the internet.",
  ),
  name: text(/^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/, {
    rule: "must be an image name without registry, tag or digest",
    fix: "write it like prom/prometheus",
  }).describe("Name within the registry."),
  tag: text(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, { rule: "must be an image tag", fix: "write it like v3.5.0" })
    .optional()
    .describe("For people, and what is pulled where there is no digest."),
  digest: text(/^sha256:[0-9a-f]{64}$/, {
    rule: "must be sha256: and 64 hexadecimal digits",
    fix: "copy it from the registry or from the push",
  })
    .optional()
    .describe("What is pulled. Required by the production profile, because a tag can be moved."),
});

const scrapeDisk = whole(10, 2000, "GB");

/** Everything beside the GPU machines. */
export const platformFields = {
  network: z
    .strictObject({
      servingCidr: cidr.describe("Range of the subnet that all machines stand in."),
      servicesCidr: cidr.describe("Range for Cloud SQL and Memorystore (private services access)."),
      proxyOnlyCidr: cidr.optional().describe("Range for a regional proxy. None by default."),
    })
    .describe("IPv4 ranges; none may overlap another."),

  images: z
    .strictObject({
      app: image.describe("The app. Overridden by TERRACE_<ENVIRONMENT>_APP_IMAGE=<digest>."),
      engine: image.describe("vLLM. Overridden by TERRACE_<ENVIRONMENT>_ENGINE_IMAGE=<digest>."),
      dcgmExporter: image.describe("GPU metrics."),
      nodeExporter: image.describe("Machine metrics."),
      qdrant: image.describe("Vector database."),
      prometheus: image.describe("Metrics store of the monitoring VM."),
      alertmanager: image.describe("Alert routing of the monitoring VM."),
      grafana: image.describe("Dashboards of the monitoring VM."),
    })
    .describe("Container images."),

  data: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("none") }),
      z.strictObject({
        kind: z.literal("managed"),
        postgres: z.strictObject({
          tier: text(/^db-(custom-[0-9]+-[0-9]+|f1-micro|g1-small)$/, {
            rule: "must be a Cloud SQL tier",
            fix: "write it like db-custom-2-7680",
          }).describe("Cloud SQL tier."),
          storageGb: whole(10, 10000, "GB").default(20).describe("Disk; 20 GB by default, grows by itself."),
          highAvailability: z.boolean().default(false).describe("A standby in another zone; off by default."),
          pointInTimeRecovery: z
            .boolean()
            .default(true)
            .describe("Log archive for recovery to any second of the last 7 days; on by default."),
        }),
        redis: z.strictObject({
          tier: oneOf(["BASIC", "STANDARD_HA"], "a Memorystore tier")
            .default("BASIC")
            .describe("`STANDARD_HA` keeps a replica; `BASIC` by default."),
          memoryGb: whole(1, 300, "GB").default(1).describe("Memory; 1 GB by default."),
        }),
        qdrant: z.strictObject({
          zone: text(/^[a-z]+-[a-z]+[0-9]{1,2}-[a-z]$/, {
            rule: "must be a zone",
            fix: "write it like asia-northeast3-a",
          }).describe("Zone of the Qdrant VM and its disk."),
          machineType: text(/^e2-(standard|highmem)-[0-9]+$/, {
            rule: "must be an e2 machine type",
            fix: "write it like e2-standard-2",
          })
            .default("e2-standard-2")
            .describe("Machine type; e2-standard-2 by default."),
          diskGb: scrapeDisk.default(50).describe("pd-balanced data disk; 50 GB by default."),
        }),
        deletionProtection: z
          .boolean()
          .default(true)
          .describe("Refuses to delete the database, in Google Cloud and in Terraform; on by default."),
      }),
    ])
    .default({ kind: "none" })
    .describe(
      "`managed`: Cloud SQL, Memorystore and a Qdrant VM. `none` (the default): the app's embedded stores, on one VM only.",
    ),

  monitoring: z
    .strictObject({
      zone: text(/^[a-z]+-[a-z]+[0-9]{1,2}-[a-z]$/, {
        rule: "must be a zone",
        fix: "write it like asia-northeast3-a",
      }).describe("Zone of the monitoring VM."),
      machineType: text(/^e2-(standard|medium|small|highmem)(-[0-9]+)?$/, {
        rule: "must be an e2 machine type",
        fix: "write it like e2-standard-2",
      })
        .default("e2-standard-2")
        .describe("Machine type; e2-standard-2 by default."),
      diskGb: scrapeDisk.default(50).describe("pd-balanced disk of Prometheus; 50 GB by default."),
      retentionDays: whole(1, 400, "days").default(30).describe("How long metrics are kept; 30 days by default."),
    })
    .nullable()
    .default(null)
    .describe("VM with Prometheus, Grafana and Alertmanager. None by default."),

  alerts: z
    .strictObject({
      emails: z
        .array(
          text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, {
            rule: "must be an e-mail address",
            fix: "write it like ops@example.com",
          }),
        )
        .default([])
        .describe("Addresses that alerts go to. None by default."),
      slackChannel: text(/^#[-_a-z0-9]{1,79}$/, { rule: "must be a Slack channel", fix: "write it like #llm-alerts" })
        .optional()
        .describe("Slack channel; its webhook is the value of the secret slack-webhook. None by default."),
    })
    .default({ emails: [] })
    .describe("Who is told."),

  budget: z
    .strictObject({
      monthlyUsd: number(1, 10_000_000, "US dollars a month").describe(
        "Most that the environment may cost a month at its largest scale, by the price catalogue; more is refused.",
      ),
    })
    .describe("Cost limit that is checked at synth."),
};
