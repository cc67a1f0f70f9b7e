import { METRICS } from "../../app/src/contract/metrics";
import { ADAPTER_METRICS, METRICS_ADAPTER_PORT, SCALE_IN_BELOW } from "../../planning/metrics-api";
import { PROMETHEUS_SERVICE } from "./monitoring-values";
import type { MirrorRegistries } from "./registries";

/** https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md */
export interface AdapterRule {
  readonly seriesQuery: string;
  readonly resources: { readonly overrides: Readonly<Record<string, { readonly resource: string }>> };
  readonly name: { readonly as: string };
  /** Template over `<<.Series>>`, `<<.LabelMatchers>>` and `<<.GroupBy>>`. */
  readonly metricsQuery: string;
}

const PER_POD = { overrides: { namespace: { resource: "namespace" }, pod: { resource: "pod" } } };
const PER_NAMESPACE = { overrides: { namespace: { resource: "namespace" } } };

/** Four scrapes at least, and short enough for a breach of two seconds to scale in time. */
const WINDOW = "2m";

/** Names without vLLM's `:`, because they are part of a URL. */
export const POD_RULES: readonly AdapterRule[] = [
  {
    // Not `num_requests_waiting`: a LoRA adapter that loads is no reason for another GPU.
    seriesQuery: '{__name__="vllm:num_requests_waiting_by_reason",reason="capacity",namespace!="",pod!=""}',
    resources: PER_POD,
    name: { as: ADAPTER_METRICS.waitingForCapacity },
    metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>,reason="capacity"}) by (<<.GroupBy>>)',
  },
  {
    seriesQuery: `{__name__="${METRICS.inFlight}",namespace!="",pod!=""}`,
    resources: PER_POD,
    name: { as: ADAPTER_METRICS.inFlight },
    metricsQuery: "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
  },
  {
    // The exporter's labels name the pod. Averaged over a minute: single samples jump between 0 and 100.
    seriesQuery: '{__name__="DCGM_FI_DEV_GPU_UTIL",namespace!="",pod!=""}',
    resources: PER_POD,
    name: { as: ADAPTER_METRICS.gpuUtilization },
    metricsQuery: "avg(avg_over_time(<<.Series>>{<<.LabelMatchers>>}[1m])) by (<<.GroupBy>>)",
  },
];

const TTFT_BUCKETS = "vllm:time_to_first_token_seconds_bucket";
const WAITING = "vllm:num_requests_waiting_by_reason";

function ttftP95(matchers: string): string {
  return (
    `histogram_quantile(0.95, sum(rate(${TTFT_BUCKETS}{${matchers}}[${WINDOW}])) by (le, model_name)) >= 0 ` +
    `or sum(${TTFT_BUCKETS}{${matchers}}) by (model_name) * 0`
  );
}

/**
 * 1 where a queue, first tokens or GPUs are above what lets a pod go, else 0. GPU metrics have no model, so the
 * engine's own series give it; without the exporter the other two decide.
 */
function scaleInHold(matchers: string): string {
  const { waiting, ttftP95Seconds, gpuUtilizationPercent } = SCALE_IN_BELOW;
  const queue = `sum(${WAITING}{${matchers},reason="capacity"}) by (model_name)`;
  const modelOfPod = `max(${WAITING}{${matchers},reason="capacity"}) by (namespace, pod, model_name) * 0 + 1`;
  const gpu =
    `max(avg_over_time(DCGM_FI_DEV_GPU_UTIL{pod!=""}[1m]) ` +
    `* on (namespace, pod) group_left (model_name) (${modelOfPod})) by (model_name)`;
  return (
    `clamp_max((${queue} >= bool ${waiting}) + ((${ttftP95(matchers)}) >= bool ${ttftP95Seconds}) ` +
    `+ ((${gpu}) >= bool ${gpuUtilizationPercent} or ${queue} * 0), 1)`
  );
}

/**
 * 0 where a model is up and idle: the quantile would be NaN, of which the adapter makes a huge negative number, and an
 * autoscaler that misses a metric never scales in.
 */
export const NAMESPACE_RULES: readonly AdapterRule[] = [
  {
    seriesQuery: `{__name__="${TTFT_BUCKETS}",namespace!=""}`,
    resources: PER_NAMESPACE,
    name: { as: ADAPTER_METRICS.ttftP95 },
    metricsQuery: ttftP95("<<.LabelMatchers>>"),
  },
  {
    seriesQuery: `{__name__="${WAITING}",reason="capacity",namespace!=""}`,
    resources: PER_NAMESPACE,
    name: { as: ADAPTER_METRICS.scaleInHold },
    metricsQuery: scaleInHold("<<.LabelMatchers>>"),
  },
];

export interface PrometheusAdapterValuesProps {
  readonly registries: MirrorRegistries;
  readonly prometheusNamespace: string;
}

/** The defaults would make thousands of metrics, and take `metrics.k8s.io` from GKE's metrics-server. */
export function prometheusAdapterValues({ registries, prometheusNamespace }: PrometheusAdapterValuesProps): object {
  return {
    image: { repository: `${registries.kubernetes}/prometheus-adapter/prometheus-adapter` },
    prometheus: {
      url: `http://${PROMETHEUS_SERVICE.name}.${prometheusNamespace}.svc`,
      port: PROMETHEUS_SERVICE.port,
    },
    // Autoscalers stop without it.
    replicas: 2,
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    listenPort: METRICS_ADAPTER_PORT,
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    rules: { default: false, custom: POD_RULES, external: NAMESPACE_RULES },
  };
}
