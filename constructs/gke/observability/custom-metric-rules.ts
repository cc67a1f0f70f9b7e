/** A cluster's custom metrics, recorded by Prometheus. */
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

/** Four scrapes at least, as in the adapter's rules. */
const WINDOW = "2m";
const MILLISECONDS = 1000;
const BYTES_PER_MEBIBYTE = 2 ** 20;
const BILLION = 1e9;

const { generationTokens, interTokenLatency, running, ttft, waiting } = ENGINE_METRICS;

/** Without traffic it is NaN, which Cloud Monitoring refuses. */
const orIdle = (of: Expression, by: readonly string[]) =>
  or(operate(of, ">=", 0), operate(sum(select(running), by), "*", 0));

const EXPRESSIONS: Readonly<Record<CustomMetricName, Expression>> = {
  // Not those of a spare.
  gpuUsage: aggregate("avg", select(GPU_METRICS.utilization, { pod: { not: "" } })),
  gpuMemoryUsed: operate(sum(select(GPU_METRICS.memoryUsed)), "*", BYTES_PER_MEBIBYTE / BILLION),
  // As prometheus-adapter's, so that both adapters scale by one number.
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
  // The gateways' sum would count each engine's queue several times.
  pendingRequests: operate(sum(select(GATEWAY_METRICS.queueLength)), "+", sum(select(waiting))),
  heartbeat: sum(select(PLATFORM_METRICS.heldAlerts, { state: "active" })),
};

/** What is federated. */
export const RECORDED_PREFIX = "custom:";

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

export const CUSTOM_METRIC_RECORDINGS: readonly Recording[] = NAMES.map((name) => ({
  record: recordedName(CUSTOM_METRICS[name]),
  expression: EXPRESSIONS[name],
}));
