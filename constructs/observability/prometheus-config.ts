/** Prometheus' configuration on the monitoring VM, and what it discovers. */
import { dump } from "js-yaml";
import { PATHS, PORTS } from "../../app/src/contract";
import { DATA_PORTS } from "../../planning/data-ports";
import { DASHBOARD_PORT } from "../network/serving-firewall";

/** Ports on which the monitoring services listen: each one's own default. All but Grafana's are on loopback. */
export const MONITORING_PORTS = { alertmanager: 9093, grafana: DASHBOARD_PORT, prometheus: 9090 } as const;

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
}

export const LOOPBACK = "127.0.0.1";

/** Between two scrapes. Rules over `rate(...[1m])` need at least four in a minute. */
const SCRAPE_INTERVAL = "15s";

/** Labels that dashboards and rules use, instead of addresses: which machine, group and zone. */
const INSTANCE_LABELS = [
  { source_labels: ["__meta_gce_instance_name"], target_label: "instance" },
  { source_labels: ["__meta_gce_label_group"], target_label: "group" },
  // The zone comes as a URL.
  { source_labels: ["__meta_gce_zone"], regex: ".*/([^/]+)", target_label: "zone", replacement: "$1" },
];

/** vLLM's metrics come through node-exporter, because the engines listen on loopback: their own job, as on a cluster. */
const ENGINE_METRICS = [{ source_labels: ["__name__"], regex: "vllm:.*", target_label: "job", replacement: "vllm" }];

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
  const staticJob = (name: string, host: string, port: number) => ({
    job_name: name,
    static_configs: [{ targets: [`${host}:${port}`] }],
  });
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
      { ...llmJob("node", PORTS.nodeExporter, "/metrics"), metric_relabel_configs: ENGINE_METRICS },
      staticJob("prometheus", LOOPBACK, MONITORING_PORTS.prometheus),
      staticJob("alertmanager", LOOPBACK, MONITORING_PORTS.alertmanager),
      staticJob("grafana", LOOPBACK, MONITORING_PORTS.grafana),
      ...(props.qdrantHost === undefined ? [] : [staticJob("qdrant", props.qdrantHost, DATA_PORTS.qdrant)]),
    ],
  };
  return dump(config, { lineWidth: -1, noRefs: true });
}
