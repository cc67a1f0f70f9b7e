/**
 * The collector's configuration as far as we use it, from the documentation of version 0.139. Strict: the collector
 * refuses an unknown key only at its start, on a machine.
 */
import { z } from "zod";

const seconds = z.string().regex(/^[1-9][0-9]*s$/);
const hostPort = z.string().regex(/^[a-z0-9.-]+:[1-9][0-9]{1,4}$/);

/** https://github.com/prometheus/prometheus/blob/main/docs/configuration/configuration.md#scrape_config */
const scrapeConfig = z
  .strictObject({
    job_name: z.string(),
    scrape_interval: seconds,
    scrape_timeout: seconds,
    metrics_path: z.string().startsWith("/"),
    params: z.record(z.string(), z.array(z.string())).optional(),
    honor_labels: z.boolean().optional(),
    static_configs: z.array(z.strictObject({ targets: z.array(hostPort).min(1) })).min(1),
    metric_relabel_configs: z
      .array(
        z.strictObject({
          source_labels: z.array(z.string()).min(1),
          regex: z.string().min(1),
          action: z.literal("keep"),
        }),
      )
      .min(1),
  })
  .refine(
    ({ scrape_interval, scrape_timeout }) =>
      Number.parseInt(scrape_timeout, 10) <= Number.parseInt(scrape_interval, 10),
    {
      error: "the timeout is above the interval",
    },
  );

/** Each statement that we write. https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/transformprocessor */
const metricStatement = z
  .string()
  .regex(
    /^(?:aggregate_on_attributes\("(?:sum|max)", \[(?:"[a-z_]+")?\]\)|scale_metric\([0-9]+\.[0-9]+\)|set\(metric\.name, "custom\.googleapis\.com\/[a-z0-9_/]+"\)) where metric\.name == "[A-Za-z_:][A-Za-z0-9_:]*"$/,
  );
const resourceStatement = z.string().regex(/^set\(resource\.attributes\["[a-z0-9._]+"\], "[^"\\]+"\)$/);

const processors = z.strictObject({
  memory_limiter: z.strictObject({ check_interval: seconds, limit_mib: z.int().min(32) }),
  transform: z.strictObject({
    error_mode: z.enum(["propagate", "ignore", "silent"]),
    metric_statements: z.array(
      z.discriminatedUnion("context", [
        z.strictObject({ context: z.literal("metric"), statements: z.array(metricStatement).min(1) }),
        z.strictObject({ context: z.literal("resource"), statements: z.array(resourceStatement).min(1) }),
      ]),
    ),
  }),
  filter: z.strictObject({
    error_mode: z.enum(["propagate", "ignore", "silent"]),
    metrics: z.strictObject({ metric: z.array(z.string()).min(1) }),
  }),
  resourcedetection: z
    .strictObject({ detectors: z.tuple([z.literal("gcp")]), override: z.boolean(), timeout: seconds })
    .optional(),
});

/** https://github.com/GoogleCloudPlatform/opentelemetry-operations-go/blob/main/exporter/collector/config.go */
const exporters = z.strictObject({
  googlecloud: z.strictObject({
    project: z.string().min(1),
    metric: z.strictObject({
      known_domains: z.array(z.string()),
      skip_create_descriptor: z.boolean(),
      service_resource_labels: z.boolean(),
      instrumentation_library_labels: z.boolean(),
      resource_filters: z.array(z.never()),
    }),
  }),
});

export const collectorSchema = z
  .strictObject({
    extensions: z.strictObject({ health_check: z.strictObject({ endpoint: hostPort }) }).optional(),
    receivers: z.strictObject({
      prometheus: z.strictObject({ config: z.strictObject({ scrape_configs: z.array(scrapeConfig).min(1) }) }),
    }),
    processors,
    exporters,
    service: z.strictObject({
      extensions: z.array(z.literal("health_check")).optional(),
      telemetry: z.strictObject({ metrics: z.strictObject({ level: z.literal("none") }) }),
      pipelines: z.strictObject({
        metrics: z.strictObject({
          receivers: z.array(z.string()),
          processors: z.array(z.string()),
          exporters: z.array(z.string()),
        }),
      }),
    }),
  })
  .refine(
    ({ processors, service }) =>
      service.pipelines.metrics.processors.join() ===
      [
        "memory_limiter",
        "transform",
        "filter",
        ...(processors.resourcedetection === undefined ? [] : ["resourcedetection"]),
      ].join(),
    { error: "a processor is configured and not used, used and not configured, or in another order" },
  );
export type CollectorConfig = z.output<typeof collectorSchema>;
