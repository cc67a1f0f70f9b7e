import { dump } from "js-yaml";
import { PATHS, PORTS } from "../../app/src/contract/endpoints";
import { DATA_PORTS } from "../../planning/data-ports";
import { PROBE_MODULE } from "./blackbox-config";
import { LOOPBACK, MONITORING_PORTS } from "./monitoring-ports";

export interface PrometheusConfigProps {
  readonly project: string;
  /** Discovery is zone by zone. */
  readonly zones: readonly string[];
  /** Label `environment`. */
  readonly environment: string;
  readonly appPort: number;
  /** Private host of the vector store. @default none */
  readonly qdrantHost?: string | undefined;
  /** Through the blackbox exporter. @default none */
  readonly probeUrl?: string | undefined;
}

/** Rules over `rate(...[1m])` need at least four in a minute. */
const SCRAPE_INTERVAL = "15s";

const INSTANCE_LABELS = [
  // Static targets keep the name that they were given.
  { source_labels: ["__meta_gce_instance_name"], regex: "(.+)", target_label: "instance" },
  { source_labels: ["__meta_gce_label_group"], target_label: "group" },
  // The zone comes as a URL.
  { source_labels: ["__meta_gce_zone"], regex: ".*/([^/]+)", target_label: "zone", replacement: "$1" },
];

/** Through node-exporter, because engines listen on loopback: their own job, as on a cluster. */
const ENGINE_METRICS = [{ source_labels: ["__name__"], regex: "vllm:.*", target_label: "job", replacement: "vllm" }];

const MONITORING = "monitoring";

/** The series are the URL's, not the exporter's. */
function probeJob(url: string) {
  return {
    job_name: "probe",
    // A probe is a paid request.
    scrape_interval: "60s",
    metrics_path: "/probe",
    params: { module: [PROBE_MODULE] },
    static_configs: [{ targets: [url] }],
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["__param_target"], target_label: "instance" },
      { target_label: "__address__", replacement: `${LOOPBACK}:${MONITORING_PORTS.blackboxExporter}` },
    ],
  };
}

/** VMs by the labels `role=llm` and `environment`; a stopped one stays a target, and is down. */
export function prometheusConfig(props: PrometheusConfigProps): string {
  const { project, zones, environment } = props;
  const filter = `(labels.role = "llm") (labels.environment = "${environment}")`;
  const llmJob = (name: string, port: number, path: string) => ({
    job_name: name,
    metrics_path: path,
    gce_sd_configs: zones.map((zone) => ({ project, zone, filter, port })),
    relabel_configs: INSTANCE_LABELS,
  });
  const target = (host: string, port: number, instance: string) => ({
    targets: [`${host}:${port}`],
    labels: { instance },
  });
  const ownJob = (name: string, port: number) => ({
    job_name: name,
    static_configs: [target(LOOPBACK, port, MONITORING)],
  });
  const machines = llmJob("node", PORTS.nodeExporter, "/metrics");
  const config = {
    global: {
      scrape_interval: SCRAPE_INTERVAL,
      evaluation_interval: SCRAPE_INTERVAL,
      external_labels: { environment },
    },
    rule_files: ["/etc/prometheus/rules/*.yaml"],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`${LOOPBACK}:${MONITORING_PORTS.alertmanager}`] }] }] },
    scrape_configs: [
      llmJob("gateway", props.appPort, PATHS.metrics),
      llmJob("dcgm", PORTS.dcgmExporter, "/metrics"),
      {
        ...machines,
        static_configs: [target(LOOPBACK, MONITORING_PORTS.nodeExporter, MONITORING)],
        metric_relabel_configs: ENGINE_METRICS,
      },
      ownJob("prometheus", MONITORING_PORTS.prometheus),
      ownJob("alertmanager", MONITORING_PORTS.alertmanager),
      ownJob("grafana", MONITORING_PORTS.grafana),
      ...(props.qdrantHost === undefined
        ? []
        : [{ job_name: "qdrant", static_configs: [target(props.qdrantHost, DATA_PORTS.vectorStore, "qdrant")] }]),
      ...(props.probeUrl === undefined ? [] : [probeJob(props.probeUrl)]),
    ],
  };
  return dump(config, { lineWidth: -1, noRefs: true });
}
