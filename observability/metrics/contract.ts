import { CLUSTER_METRICS } from "./cluster-metrics";
import { ENGINE_METRICS } from "./engine-metrics";
import { GATEWAY_METRICS } from "./gateway-metrics";
import { GPU_METRICS } from "./gpu-metrics";
import type { Metric } from "./metric";
import { NODE_METRICS } from "./node-metrics";
import { PLATFORM_METRICS } from "./platform-metrics";

/** Every metric that an alert, a dashboard or an autoscaler may read. */
export const METRIC_CONTRACT: readonly Metric[] = [
  ...Object.values(GATEWAY_METRICS),
  ...Object.values(ENGINE_METRICS),
  ...Object.values(GPU_METRICS),
  ...Object.values(NODE_METRICS),
  ...Object.values(CLUSTER_METRICS),
  ...Object.values(PLATFORM_METRICS),
];
