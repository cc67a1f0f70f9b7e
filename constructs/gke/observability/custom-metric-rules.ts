/** The custom metrics of a cluster, as series that Prometheus records: rates and quantiles are its business. */
import { ENGINE_METRICS } from "../../../observability/metrics/engine-metrics";
import { GATEWAY_METRICS } from "../../../observability/metrics/gateway-metrics";
import { GPU_METRICS } from "../../../observability/metrics/gpu-metrics";
import { PLATFORM_METRICS } from "../../../observability/metrics/platform-metrics";
import type { Expression } from "../../../observability/promql/expression";
import {
  aggregate,
  histogramQuantile,
  observationRate,
  observedRate,
  rate,
  sum,
} from "../../../observability/promql/functions";
import { divide, operate, or } from "../../../observability/promql/operators";
import { select } from "../../../observability/promql/select";
import type { Recording } from "../../../observability/rules/recording";
import { CUSTOM_METRICS, type CustomMetric, type CustomMetricName } from "../../../planning/custom-metrics";

/** As the adapter's rules have it: four scrapes at least, and short enough for a breach of two seconds. */
const WINDOW = "2m";
const MILLISECONDS = 1000;
const BYTES_PER_MEBIBYTE = 2 ** 20;
const BILLION = 1e9;

const { generationTokens, interTokenLatency, running, ttft, waiting } = ENGINE_METRICS;

/** A quantile or mean without traffic is NaN, which Cloud Monitoring refuses: 0 instead, while an engine is there. */
const orIdle = (of: Expression, by: readonly string[]) =>
  or(operate(of, ">=", 0), operate(sum(select(running), by), "*", 0));

const EXPRESSIONS: Readonly<Record<CustomMetricName, Expression>> = {
  // GPUs that a pod holds: the others are a spare's or nobody's.
  gpuUsage: aggregate("avg", select(GPU_METRICS.utilization, { pod: { not: "" } })),
  gpuMemoryUsed: operate(sum(select(GPU_METRICS.memoryUsed)), "*", BYTES_PER_MEBIBYTE / BILLION),
  // The engines' own, as prometheus-adapter gives it: both adapters scale by one number.
  ttftP95: orIdle(operate(histogramQuantile(0.95, ttft, { by: ["model_name"], window: WINDOW }), "*", MILLISECONDS), [
    "model_name",
  ]),
  tokensPerSecond: sum(rate(select(generationTokens), WINDOW)),
  tpot: orIdle(
    operate(
      divide(sum(observedRate(interTokenLatency, WINDOW)), sum(observationRate(interTokenLatency, WINDOW))),
      "*",
      MILLISECONDS,
    ),
    [],
  ),
  queueLength: sum(select(GATEWAY_METRICS.queueLength)),
  // Not the gateways' own sum: each would count what waits in the engines.
  pendingRequests: operate(sum(select(GATEWAY_METRICS.queueLength)), "+", sum(select(waiting))),
  heartbeat: sum(select(PLATFORM_METRICS.heldAlerts, { state: "active" })),
};

/** Begin of the recorded series' names: what is federated. */
export const RECORDED_PREFIX = "custom:";

/** Name of the series that becomes a custom metric. */
export function recordedName({ type }: CustomMetric): string {
  return `${RECORDED_PREFIX}${type.replace("custom.googleapis.com/", "").replaceAll("/", "_")}`;
}

const NAMES: readonly CustomMetricName[] = [
  "gpuUsage",
  "gpuMemoryUsed",
  "ttftP95",
  "tokensPerSecond",
  "tpot",
  "queueLength",
  "pendingRequests",
  "heartbeat",
];

/** What Prometheus records for Cloud Monitoring. */
export const CUSTOM_METRIC_RECORDINGS: readonly Recording[] = NAMES.map((name) => ({
  record: recordedName(CUSTOM_METRICS[name]),
  expression: EXPRESSIONS[name],
}));
