import { z } from "zod";
import { dataField } from "./data";
import { cidr, decimal, oneOf, text, whole, zone } from "./fields";

const emailAddress = text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, {
  rule: "must be an e-mail address",
  fix: "write it like ops@example.com",
});

/** A container image. */
export const namedImage = z.strictObject({
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

/** Everything beside the GPU machines. */
export const platformFields = {
  network: z
    .strictObject({
      servingCidr: cidr.describe("Range of the subnet of all machines."),
      servicesCidr: cidr.describe("Range for Cloud SQL (private services access)."),
    })
    .describe("IPv4 ranges; none may overlap another."),

  images: z
    .strictObject({
      app: namedImage.describe("The app. Overridden by TERRACE_<ENVIRONMENT>_APP_IMAGE=<digest>."),
      engine: namedImage.describe("vLLM. Overridden by TERRACE_<ENVIRONMENT>_ENGINE_IMAGE=<digest>."),
      dcgmExporter: namedImage.describe("GPU metrics."),
      nodeExporter: namedImage.describe("Machine metrics."),
      vectorStore: namedImage.describe("Qdrant."),
      prometheus: namedImage.describe("Metrics store of the monitoring VM."),
      alertmanager: namedImage.describe("Alert routing of the monitoring VM."),
      grafana: namedImage.describe("Dashboards of the monitoring VM."),
      blackboxExporter: namedImage.describe("Probes the service from outside, as clients do."),
      collector: namedImage.describe("OpenTelemetry Collector (contrib), which pushes metrics to Cloud Monitoring."),
    })
    .describe("Container images."),

  data: dataField,

  monitoring: z
    .strictObject({
      zone: zone.describe("Zone of the monitoring VM."),
      machineType: text(/^e2-(small|medium|(standard|highmem)-[0-9]+)$/, {
        rule: "must be an e2 machine type",
        fix: "write it like e2-standard-2",
      })
        .default("e2-standard-2")
        .describe("Machine type; e2-standard-2 by default."),
      diskGb: whole(10, 2000, "GB").default(50).describe("pd-balanced disk of Prometheus; 50 GB by default."),
      retentionDays: whole(1, 400, "days").default(30).describe("How long metrics are kept; 30 days by default."),
    })
    .nullable()
    .default(null)
    .describe("VM with Prometheus, Grafana and Alertmanager. None by default."),

  alerts: z
    .strictObject({
      emails: z.array(emailAddress).default([]).describe("Addresses that alerts go to. None by default."),
      slackChannel: text(/^#[-_a-z0-9]{1,79}$/, { rule: "must be a Slack channel", fix: "write it like #llm-alerts" })
        .optional()
        .describe("Slack channel; its webhook is the value of the secret slack-webhook. None by default."),
      smtp: z
        .strictObject({
          smarthost: text(/^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}:(?!25$)[1-9][0-9]{1,4}$/, {
            rule: "must be a mail server with a port other than 25, which Google Cloud closes",
            fix: "write it like smtp.example.com:587",
          }).describe("Mail server that takes messages, with its port: 587 as a rule. It must offer TLS."),
          from: emailAddress.describe("Sender."),
          username: text(/^\S{1,254}$/, {
            rule: "must be a user name without spaces",
            fix: "copy it from the mail server",
          })
            .optional()
            .describe("Who logs in; the password is the value of the secret smtp-login. Nobody by default."),
        })
        .optional()
        .describe(
          "How Alertmanager sends its e-mails to `emails`. Without it (the default) only Cloud Monitoring's own alerts are e-mailed.",
        ),
      notificationChannels: z
        .array(
          text(/^projects\/[a-z][-a-z0-9]{4,28}[a-z0-9]\/notificationChannels\/[0-9]+$/, {
            rule: "must be a channel of Cloud Monitoring",
            fix: "copy it from `gcloud beta monitoring channels list --format='value(name)'`",
          }),
        )
        .default([])
        .describe(
          "Channels of Cloud Monitoring that were made by hand and that its alerts go to as well, such as Slack, whose login must not pass through Terraform. None by default.",
        ),
    })
    .prefault({})
    .describe("Who is notified."),

  cloudMetrics: z
    .strictObject({
      intervalSeconds: z
        .literal([15, 60], { error: () => ({ message: "must be 15 or 60 seconds" }) })
        .default(60)
        .describe(
          "Seconds between two pushes of the seven metrics to Cloud Monitoring; 60 by default. 15 lets autoscalers of machines see a burst sooner, at four times the price.",
        ),
    })
    .prefault({})
    .describe("What autoscalers and alerts outside Prometheus read."),

  budget: z
    .strictObject({
      monthlyUsd: decimal(1, 10_000_000, "US dollars a month").describe(
        "Most that the environment may cost a month at its largest scale, by the price catalogue; more is refused.",
      ),
    })
    .describe("Cost limit that is checked at synth."),
};
