/** Prometheus' configuration on the monitoring VM, and what it discovers. */
import { dump } from "js-yaml";
import { PATHS, PORTS } from "../../app/src/contract";
import { DATA_PORTS } from "../../planning/data-ports";
import { PROBE_MODULE } from "./blackbox-config";
import { LOOPBACK, MONITORING_PORTS } from "./monitoring-ports";

export interface PrometheusConfigProps {
  /** Project id in which to look for VMs. */
  readonly project: string;
  /** Zones in which to look; discovery asks zone by zone. */
  readonly zones: readonly string[];
  /** Only VMs with this value of the label `environment`. */
  readonly environment: string;
  /** Port of the gateway. */
  readonly appPort: number;
  /**
   * Private host name of the Qdrant VM.
   * @default there is none to watch
   */
  readonly qdrantHost?: string | undefined;
  /**
   * Public URL that is asked through the blackbox exporter.
   * @default none
   */
  readonly probeUrl?: string | undefined;
}

/** Between two scrapes. Rules over `rate(...[1m])` need at least four in a minute. */
const SCRAPE_INTERVAL = "15s";

/** Labels that dashboards and rules use, instead of addresses: which machine, group and zone. */
const INSTANCE_LABELS = [
  // Targets that are listed by hand have no such name, and keep the one they were given.
  { source_labels: ["__meta_gce_instance_name"], regex: "(.+)", target_label: "instance" },
  { source_labels: ["__meta_gce_label_group"], target_label: "group" },
  // The zone comes as a URL.
  { source_labels: ["__meta_gce_zone"], regex: ".*/([^/]+)", target_label: "zone", replacement: "$1" },
];

/** vLLM's metrics come through node-exporter, because the engines listen on loopback: their own job, as on a cluster. */
const ENGINE_METRICS = [{ source_labels: ["__name__"], regex: "vllm:.*", target_label: "job", replacement: "vllm" }];

/** `instance` of what runs on the monitoring VM itself. */
const MONITORING = "monitoring";

/** The blackbox exporter is asked to ask; the series are the URL's. */
function probeJob(url: string) {
  return {
    job_name: "probe",
    // A probe is a request that everybody pays for.
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

/**
 * Contents of `prometheus.yml`. A VM is a target by its labels `role=llm` and `environment`, wherever it is listed; one
 * that is stopped stays a target, and is seen as down.
 */
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
