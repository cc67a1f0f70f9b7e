import { MonitoringMetricDescriptor } from "@cdktf/provider-google/lib/monitoring-metric-descriptor";
import { Construct } from "constructs";
import { CUSTOM_METRICS, type CustomMetric } from "../../planning/custom-metrics";

/**
 * Described before use: autoscalers, alerts and dashboards on an unknown metric are refused, and the first writer would
 * decide its unit. Descriptors belong to the project, so two environments in one would share them, and lose history
 * together.
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
