import { MonitoringMetricDescriptor } from "@cdktf/provider-google/lib/monitoring-metric-descriptor";
import { Construct } from "constructs";
import { CUSTOM_METRICS, type CustomMetric } from "../../planning/custom-metrics";

/**
 * The metrics that are pushed, described to Cloud Monitoring before anybody writes or reads them: an autoscaler, an alert
 * policy or a dashboard on a metric that does not exist is refused, and whoever writes first would decide its unit.
 *
 * Descriptors belong to the project: two environments in one project share them, and the one that is destroyed first takes
 * the other's history along. Environments have projects of their own.
 *
 * @example
 * new CustomMetricDescriptors(this, "custom-metrics");
 */
export class CustomMetricDescriptors extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const metrics: Readonly<Record<string, CustomMetric>> = CUSTOM_METRICS;
    for (const [name, { type, unit, description, labels }] of Object.entries(metrics)) {
      new MonitoringMetricDescriptor(this, name, {
        type,
        unit,
        description,
        displayName: type.replace("custom.googleapis.com/", ""),
        metricKind: "GAUGE",
        valueType: "DOUBLE",
        labels: Object.entries(labels).map(([key, meaning]) => ({ key, valueType: "STRING", description: meaning })),
      });
    }
  }
}
