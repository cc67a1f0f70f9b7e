/** It computes no quantile and no rate: what it scrapes are gauges that need at most a sum. */
import { dump } from "js-yaml";
import { PATHS } from "../../app/src/contract/endpoints";
import { GATEWAY_METRICS } from "../../observability/metrics/gateway-metrics";
import { GPU_METRICS } from "../../observability/metrics/gpu-metrics";
import type { Gauge } from "../../observability/metrics/metric";
import { PLATFORM_METRICS } from "../../observability/metrics/platform-metrics";
import { CUSTOM_METRICS, type CustomMetric } from "../../planning/custom-metrics";

export interface CollectedMetric {
  readonly from: string;
  readonly to: CustomMetric;
  readonly reduce: "max" | "sum";
  /** Units of the target in one of the gauge. @default 1 */
  readonly factor?: number;
}

export interface CollectorScrape {
  readonly job: string;
  /** Host and port. */
  readonly target: string;
  readonly path: string;
  /** @default none */
  readonly params?: Readonly<Record<string, readonly string[]>>;
  /** Series with these values. @default all */
  readonly only?: Readonly<Record<string, string>>;
  readonly metrics: readonly CollectedMetric[];
}

export interface CollectorConfigProps {
  readonly project: string;
  /** Each scrape is pushed. */
  readonly intervalSeconds: number;
  readonly scrapes: readonly CollectorScrape[];
  /** `machine`: by its metadata server. A cluster is named, because a pod's series would change with each restart. */
  readonly resource:
    | { readonly kind: "machine" }
    | { readonly kind: "cluster"; readonly name: string; readonly location: string };
  /** For a probe. @default none */
  readonly healthAddress?: string;
}

/** As a regular expression in the collector's language. */
const CUSTOM_DOMAIN = "custom\\\\.googleapis\\\\.com";

/** Beyond it refuses data rather than be killed. A scrape is some hundred kilobytes. */
const MEMORY_MIB = 128;

const MEBIBYTE = 2 ** 20;
const BILLION = 1e9;
const MILLISECONDS = 1000;

const collected = (from: Gauge, to: CustomMetric, reduce: CollectedMetric["reduce"], factor = 1): CollectedMetric => ({
  from: from.name,
  to,
  reduce,
  factor,
});

const FROM_GATEWAY = [
  collected(GATEWAY_METRICS.recentTtftP95, CUSTOM_METRICS.ttftP95, "max", MILLISECONDS),
  collected(GATEWAY_METRICS.recentTpot, CUSTOM_METRICS.tpot, "max", MILLISECONDS),
  collected(GATEWAY_METRICS.recentTokensPerSecond, CUSTOM_METRICS.tokensPerSecond, "sum"),
  collected(GATEWAY_METRICS.queueLength, CUSTOM_METRICS.queueLength, "sum"),
  collected(GATEWAY_METRICS.pendingRequests, CUSTOM_METRICS.pendingRequests, "sum"),
];

/** One overloaded model needs another machine, however idle the others are. */
const FROM_DCGM = [
  collected(GPU_METRICS.utilization, CUSTOM_METRICS.gpuUsage, "max"),
  collected(GPU_METRICS.memoryUsed, CUSTOM_METRICS.gpuMemoryUsed, "sum", MEBIBYTE / BILLION),
];

export function machineScrapes(appPort: number, dcgmPort: number): readonly CollectorScrape[] {
  return [
    { job: "gateway", target: `127.0.0.1:${appPort}`, path: PATHS.metrics, metrics: FROM_GATEWAY },
    { job: "dcgm", target: `127.0.0.1:${dcgmPort}`, path: "/metrics", metrics: FROM_DCGM },
  ];
}

/** Alertmanager holds an alert that always fires; four minutes after it or Prometheus stopped, it holds none. */
export function heartbeatScrape(alertmanager: string): CollectorScrape {
  return {
    job: "alertmanager",
    target: alertmanager,
    path: "/metrics",
    only: { state: "active" },
    metrics: [collected(PLATFORM_METRICS.heldAlerts, CUSTOM_METRICS.heartbeat, "sum")],
  };
}

function scrapeConfig({ job, target, path, params, only = {}, metrics }: CollectorScrape, intervalSeconds: number) {
  const keep = (label: string, regex: string) => ({ source_labels: [label], regex, action: "keep" });
  return {
    job_name: job,
    scrape_interval: `${intervalSeconds}s`,
    // Prometheus refuses a timeout above the interval.
    scrape_timeout: "10s",
    metrics_path: path,
    ...(params === undefined ? {} : { params, honor_labels: true }),
    static_configs: [{ targets: [target] }],
    metric_relabel_configs: [
      keep("__name__", metrics.map(({ from }) => from).join("|")),
      ...Object.entries(only).map(([label, value]) => keep(label, value)),
    ],
  };
}

/** The language takes 1000 for an integer and refuses it. */
function float(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** https://opentelemetry.io/docs/collector/transforming-telemetry/ */
function statements({ from, to, reduce, factor = 1 }: CollectedMetric): string[] {
  const kept = Object.keys(to.labels).map((label) => JSON.stringify(label));
  const when = `where metric.name == ${JSON.stringify(from)}`;
  return [
    `aggregate_on_attributes("${reduce}", [${kept.join(", ")}]) ${when}`,
    ...(factor === 1 ? [] : [`scale_metric(${float(factor)}) ${when}`]),
    `set(metric.name, ${JSON.stringify(to.type)}) ${when}`,
  ];
}

/** By these the exporter chooses `k8s_cluster`; a pod's or node's would win. */
function clusterStatements({ name, location }: { readonly name: string; readonly location: string }): string[] {
  const set = (attribute: string, value: string) =>
    `set(resource.attributes["${attribute}"], ${JSON.stringify(value)})`;
  return [
    set("cloud.platform", "gcp_kubernetes_engine"),
    set("cloud.availability_zone", location),
    set("k8s.cluster.name", name),
  ];
}

export function collectorConfig(props: CollectorConfigProps): string {
  const { project, intervalSeconds, scrapes, resource, healthAddress } = props;
  const metrics = scrapes.flatMap((scrape) => scrape.metrics);
  const machine = resource.kind === "machine";
  const config = {
    ...(healthAddress === undefined ? {} : { extensions: { health_check: { endpoint: healthAddress } } }),
    receivers: {
      prometheus: { config: { scrape_configs: scrapes.map((scrape) => scrapeConfig(scrape, intervalSeconds)) } },
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: MEMORY_MIB },
      transform: {
        error_mode: "propagate",
        metric_statements: [
          { context: "metric", statements: metrics.flatMap(statements) },
          ...(machine ? [] : [{ context: "resource", statements: clusterStatements(resource) }]),
        ],
      },
      // The receiver's own, such as `up`, would each cost.
      filter: {
        error_mode: "propagate",
        metrics: { metric: [`not IsMatch(name, "^${CUSTOM_DOMAIN}/")`] },
      },
      ...(machine ? { resourcedetection: { detectors: ["gcp"], override: true, timeout: "10s" } } : {}),
    },
    exporters: {
      googlecloud: {
        project,
        metric: {
          known_domains: ["googleapis.com"],
          // Terraform makes the descriptors, because alerts need them first.
          skip_create_descriptor: true,
          // An autoscaler reads one series a machine.
          service_resource_labels: false,
          instrumentation_library_labels: false,
          resource_filters: [],
        },
      },
    },
    service: {
      ...(healthAddress === undefined ? {} : { extensions: ["health_check"] }),
      // Its own metrics would need a port.
      telemetry: { metrics: { level: "none" } },
      pipelines: {
        metrics: {
          receivers: ["prometheus"],
          processors: ["memory_limiter", "transform", "filter", ...(machine ? ["resourcedetection"] : [])],
          exporters: ["googlecloud"],
        },
      },
    },
  };
  return dump(config, { lineWidth: -1, noRefs: true });
}
