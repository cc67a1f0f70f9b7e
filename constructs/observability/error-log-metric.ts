import { LoggingMetric } from "@cdktf/provider-google/lib/logging-metric";
import { Construct } from "constructs";

/** pino's `error`; `fatal` is above. https://github.com/pinojs/pino/blob/main/docs/api.md#loggerlevels-object */
const ERROR_LEVEL = 50;

export interface ErrorLogMetricProps {
  /** `logging.googleapis.com/user/<name>`. */
  readonly name: string;
  readonly namespace: string;
}

/**
 * Error lines of containers, counted by Cloud Logging: on VMs in the log `cos_containers`, and in the cluster. The
 * gateway writes pino's JSON, which agents pass as text, as a message's fields or as their own; engines write `ERROR`.
 * https://cloud.google.com/container-optimized-os/docs/how-to/logging
 * @example
 * new ErrorLogMetric(this, "errors", { name: "terrace-production-errors", namespace: "llm-serving" });
 */
export class ErrorLogMetric extends Construct {
  readonly resource: LoggingMetric;

  constructor(scope: Construct, id: string, { name, namespace }: ErrorLogMetricProps) {
    super(scope, id);
    this.resource = new LoggingMetric(this, "metric", {
      name,
      description: "Errors in the logs of the gateway and the engines.",
      filter: `(${onMachines}) OR (${inCluster(namespace)})`,
      metricDescriptor: {
        metricKind: "DELTA",
        valueType: "INT64",
        unit: "1",
        displayName: "Errors in logs",
        labels: [
          { key: "container", valueType: "STRING", description: "Container that wrote it; empty in the cluster." },
        ],
      },
      labelExtractors: { container: `EXTRACT(jsonPayload."cos.googleapis.com/container_name")` },
    });
  }
}

/** Level 50 and above, or vLLM's `ERROR` after its process. */
const ERROR_TEXT = `"\\"level\\":[56]0|^(\\\\([^)]*\\\\) )?ERROR "`;

const errors = [
  `jsonPayload.level>=${ERROR_LEVEL}`,
  `jsonPayload.message.level>=${ERROR_LEVEL}`,
  `jsonPayload.message=~${ERROR_TEXT}`,
  `textPayload=~${ERROR_TEXT}`,
].join(" OR ");

const onMachines = [
  'resource.type="gce_instance"',
  'log_id("cos_containers")',
  'jsonPayload."cos.googleapis.com/container_name"=~"^/?terrace-(gateway|engine-[0-9]+)$"',
  `(${errors})`,
].join(" AND ");

function inCluster(namespace: string): string {
  return [
    'resource.type="k8s_container"',
    `resource.labels.namespace_name="${namespace}"`,
    'resource.labels.container_name=("gateway" OR "engine")',
    `(${errors})`,
  ].join(" AND ");
}
