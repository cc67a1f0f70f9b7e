/** The same data as the monitoring VM's. */
import type { AlertRouting } from "../../../observability/alerts/routing";
import type { RenderedGroup } from "../../../observability/prometheus/rule-files";
import { CUSTOM_METRICS, type CustomMetric } from "../../../planning/custom-metrics";
import { type ImageReference, imageUri } from "../../../planning/images";
import { PRIORITY_CLASSES } from "../../../planning/kubernetes-names";
import type { AlertChannels } from "../../observability/alertmanager-config";
import { blackboxConfig, PROBE_MODULE } from "../../observability/blackbox-config";
import { type CollectorScrape, collectorConfig } from "../../observability/collector-config";
import { PROMETHEUS_SERVICE } from "../monitoring-values";
import { alertmanagerSpec } from "./alertmanager-spec";
import { CUSTOM_METRIC_RECORDINGS, RECORDED_PREFIX, recordedName } from "./custom-metric-rules";
import type { ObservabilityValues } from "./values";

export interface ObservabilityReleaseProps {
  readonly project: string;
  readonly cluster: { readonly name: string; readonly location: string };
  readonly images: { readonly blackboxExporter: ImageReference; readonly collector: ImageReference };
  readonly ruleGroups: readonly RenderedGroup[];
  /** JSON by file name. */
  readonly dashboards: Readonly<Record<string, string>>;
  readonly routing: AlertRouting;
  readonly channels: AlertChannels;
  /** Answer 200 while the service is up. Empty: no probes. */
  readonly probeUrls: readonly string[];
  readonly pushSeconds: number;
}

const HEALTH_PORT = 13133;

/** https://prometheus.io/docs/prometheus/latest/federation/ */
function federation(): CollectorScrape {
  const metrics: readonly CustomMetric[] = Object.values(CUSTOM_METRICS);
  return {
    job: "federation",
    target: `${PROMETHEUS_SERVICE.name}:${PROMETHEUS_SERVICE.port}`,
    path: "/federate",
    params: { "match[]": [`{__name__=~"${RECORDED_PREFIX}.+"}`] },
    // Sums over the external labels that Prometheus adds.
    metrics: metrics.map((to) => ({ from: recordedName(to), to, reduce: "max" })),
  };
}

export function observabilityReleaseValues(props: ObservabilityReleaseProps): ObservabilityValues {
  const { project, cluster, images, pushSeconds, probeUrls } = props;
  const custom = CUSTOM_METRIC_RECORDINGS.map(({ record, expression }) => ({ record, expr: expression.promql }));
  return {
    ruleGroups: {
      ...Object.fromEntries(props.ruleGroups.map(({ name, rules }) => [name, rules.map((rule) => ({ ...rule }))])),
      "cloud-monitoring": custom,
    },
    dashboards: { ...props.dashboards },
    alertmanager: alertmanagerSpec(props.routing, props.channels),
    probe:
      probeUrls.length === 0
        ? null
        : {
            image: imageUri(images.blackboxExporter),
            config: blackboxConfig(),
            module: PROBE_MODULE,
            urls: [...probeUrls],
            resources: { cpuMillicores: 20, cpuBurst: 4, memoryMib: 32, memoryBurst: 2 },
          },
    collector: {
      image: imageUri(images.collector),
      config: collectorConfig({
        project,
        intervalSeconds: pushSeconds,
        scrapes: [federation()],
        resource: { kind: "cluster", ...cluster },
        healthAddress: `0.0.0.0:${HEALTH_PORT}`,
      }),
      healthPort: HEALTH_PORT,
      resources: { cpuMillicores: 50, cpuBurst: 4, memoryMib: 128, memoryBurst: 2 },
    },
    priorityClassName: PRIORITY_CLASSES.exporter.name,
  };
}
