/** Names: https://cloud.google.com/monitoring/api/metrics_gcp */
import { CUSTOM_METRICS } from "../../planning/custom-metrics";
import type { CloudCondition } from "./cloud-alert";

/** Source: R-101. */
const FIVE_MINUTES = 300;

/** Five times Prometheus' threshold (R-101: 1 %): the load balancer counts what clients provoke too. */
const ERROR_SHARE = 0.05;
/** Over all machines: six a minute. */
const ERROR_LINES_PER_SECOND = 0.1;
/** It grows by itself, so this means that it no longer does. */
const DISK_SHARE = 0.9;

function series(resource: string, metric: string, ...more: readonly string[]): string {
  return [`resource.type = "${resource}"`, `metric.type = "${metric}"`, ...more].join(" AND ");
}

const userLabel = (name: string, value: string) => `metadata.user_labels."${name}" = "${value}"`;

export function serverErrors(urlMap: string): CloudCondition {
  const requests = (...more: readonly string[]) =>
    series(
      "https_lb_rule",
      "loadbalancing.googleapis.com/https/request_count",
      `resource.label.url_map_name = "${urlMap}"`,
      ...more,
    );
  return {
    name: `More than ${ERROR_SHARE * 100} % of the answers are 5xx`,
    filter: requests("metric.label.response_code_class = 500"),
    outOf: requests(),
    alignSeconds: FIVE_MINUTES,
    align: "ALIGN_DELTA",
    reduce: "REDUCE_SUM",
    comparison: "COMPARISON_GT",
    threshold: ERROR_SHARE,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: false,
  };
}

export function machinesMissing(environment: string, role: string, expected: number): CloudCondition {
  return {
    name: `Fewer than ${expected} of the machines with the role ${role} run`,
    filter: series(
      "gce_instance",
      "compute.googleapis.com/instance/uptime_total",
      userLabel("environment", environment),
      userLabel("role", role),
    ),
    alignSeconds: FIVE_MINUTES,
    align: "ALIGN_MEAN",
    reduce: "REDUCE_COUNT",
    comparison: "COMPARISON_LT",
    threshold: expected,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: true,
  };
}

export type Watcher =
  | { readonly kind: "machine"; readonly environment: string }
  | { readonly kind: "cluster"; readonly name: string };

/** One alert always fires, so none means that monitoring is away. */
export function watcherSilent(watcher: Watcher): CloudCondition {
  const { type } = CUSTOM_METRICS.heartbeat;
  const filter =
    watcher.kind === "machine"
      ? series("gce_instance", type, userLabel("environment", watcher.environment), userLabel("role", "monitoring"))
      : series("k8s_cluster", type, `resource.label.cluster_name = "${watcher.name}"`);
  return {
    name: "The alert that always fires does not",
    filter,
    alignSeconds: 120,
    align: "ALIGN_MAX",
    reduce: "REDUCE_MAX",
    comparison: "COMPARISON_LT",
    threshold: 1,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: true,
  };
}

export function containersMissing(cluster: string, namespace: string, container: string): CloudCondition {
  return {
    name: `No ${container} runs in the cluster`,
    filter: series(
      "k8s_container",
      "kubernetes.io/container/uptime",
      `resource.label.cluster_name = "${cluster}"`,
      `resource.label.namespace_name = "${namespace}"`,
      `resource.label.container_name = "${container}"`,
    ),
    alignSeconds: FIVE_MINUTES,
    align: "ALIGN_MEAN",
    reduce: "REDUCE_COUNT",
    comparison: "COMPARISON_LT",
    threshold: 1,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: true,
  };
}

const database = (id: string, metric: string) =>
  series("cloudsql_database", `cloudsql.googleapis.com/database/${metric}`, `resource.label.database_id = "${id}"`);

/** `<project>:<instance>`. */
export function databaseDown(id: string): CloudCondition {
  return {
    name: "Cloud SQL does not answer",
    filter: database(id, "up"),
    alignSeconds: 60,
    align: "ALIGN_MAX",
    reduce: "REDUCE_MAX",
    comparison: "COMPARISON_LT",
    threshold: 1,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: true,
  };
}

/** `<project>:<instance>`. */
export function databaseDiskFull(id: string): CloudCondition {
  return {
    name: `Cloud SQL's disk is more than ${DISK_SHARE * 100} % full`,
    filter: database(id, "disk/utilization"),
    alignSeconds: FIVE_MINUTES,
    align: "ALIGN_MEAN",
    reduce: "REDUCE_MAX",
    comparison: "COMPARISON_GT",
    threshold: DISK_SHARE,
    forSeconds: 600,
    silenceIsBad: false,
  };
}

/** In the last hour, because a daily job leaves a single point. */
export function jobFailed(jobs: readonly string[]): CloudCondition {
  const names = jobs.map((job) => `"${job}"`).join(", ");
  return {
    name: "A run failed",
    filter: series(
      "cloud_run_job",
      "run.googleapis.com/job/completed_execution_count",
      'metric.label.result = "failed"',
      `resource.label.job_name = one_of(${names})`,
    ),
    alignSeconds: 3600,
    align: "ALIGN_DELTA",
    reduce: "REDUCE_SUM",
    comparison: "COMPARISON_GT",
    threshold: 0,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: false,
  };
}

/** One kind of resource a condition, as the API requires. */
export function errorLines(metric: string, resource: "gce_instance" | "k8s_container"): CloudCondition {
  return {
    name: `More than ${ERROR_LINES_PER_SECOND * 60} errors a minute in the logs of ${resource}`,
    filter: series(resource, `logging.googleapis.com/user/${metric}`),
    alignSeconds: FIVE_MINUTES,
    align: "ALIGN_RATE",
    reduce: "REDUCE_SUM",
    comparison: "COMPARISON_GT",
    threshold: ERROR_LINES_PER_SECOND,
    forSeconds: FIVE_MINUTES,
    silenceIsBad: false,
  };
}
