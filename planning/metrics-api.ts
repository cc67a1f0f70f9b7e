/**
 * Names under which the cluster's metrics APIs give the numbers that autoscalers read. The adapter's rules make them
 * and the autoscalers ask for them: both read them here, because a name that only one side knows scales nothing and
 * says nothing.
 */
import { METRICS } from "../app/src/contract";
import { adapterSpelling, CUSTOM_METRICS } from "./custom-metrics";

/**
 * Owner of `custom.metrics.k8s.io` and `external.metrics.k8s.io`: one in a cluster, because a second replaces the first
 * without an error. `metrics.k8s.io` (CPU and memory) belongs to the metrics-server that GKE runs.
 */
export type MetricsAdapter = "prometheus" | "google";

/**
 * TCP port on which an adapter's pods listen: prometheus-adapter's own default. The control plane calls it there, so its
 * firewall rule names it too.
 */
export const METRICS_ADAPTER_PORT = 6443;

/** Names that prometheus-adapter gives. They stand in a URL, so vLLM's `:` has no place in them. */
export const ADAPTER_METRICS = {
  /** Requests that wait for room on the GPU, per engine pod. */
  waitingForCapacity: "vllm_requests_waiting_for_capacity",
  /** Requests in flight, per gateway pod: the gateway's own name. */
  inFlight: METRICS.inFlight,
  /** 95th percentile of the time to first token, seconds, per model over all its pods. */
  ttftP95: "vllm_ttft_p95_seconds",
  /** Use of the pod's own GPU, percent. */
  gpuUtilization: "dcgm_gpu_utilization_percent",
  /** 1 while a model is too busy to lose a pod, else 0: {@link SCALE_IN_BELOW}. */
  scaleInHold: "engine_scale_in_hold",
} as const;

/**
 * Below all three an engine may lose a pod; an autoscaler's own targets only say when to add one. Source: R-88:
 * queue below 10, p95 of the first token below 1 s, GPU use below 30 %, sustained.
 */
export const SCALE_IN_BELOW = { waiting: 10, ttftP95Seconds: 1, gpuUtilizationPercent: 30 } as const;

/** Machines of step 1 write series of the same names into the same project; Google's adapter would sum them all. */
const OF_A_CLUSTER = { "resource.type": "k8s_cluster" } as const;

/** A metric as an autoscaler names it. */
export interface AutoscalingMetric {
  /** `Pods`: the autoscaler's own pods are averaged. `External`: one number, or a total to be divided by the pods. */
  readonly type: "Pods" | "External";
  readonly name: string;
  /** How many of the metric's unit make one second, request or percent: thresholds are multiplied by it. */
  readonly unitsPerOne: number;
  /** Label by which one model's series is chosen. @default the series names no model */
  readonly modelLabel?: string;
  /** Labels that every series asked for has. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AutoscalingMetrics {
  /** Requests that wait, per engine pod. */
  readonly waiting: AutoscalingMetric;
  /** 95th percentile of the time to first token; thresholds in seconds. */
  readonly ttftP95: AutoscalingMetric;
  /** Use of the GPU, percent. */
  readonly gpuUtilization: AutoscalingMetric;
  /**
   * 1 while the model is too busy to lose a pod, else 0. With a target of 1 an autoscaler that reads 1 asks for as many
   * pods as there are, and with 0 leaves it to its other metrics. @default this adapter has none, and pods go one by one
   */
  readonly scaleInHold?: AutoscalingMetric;
  /** Requests in flight per gateway pod. @default this adapter has none, and the gateway scales by CPU alone */
  readonly inFlight?: AutoscalingMetric;
}

/**
 * What autoscalers read, by adapter. The queue length and GPU use of R-89 name no model, so with Google's
 * adapter the engines of all models scale by the same two numbers.
 */
export const AUTOSCALING_METRICS: Readonly<Record<MetricsAdapter, AutoscalingMetrics>> = {
  prometheus: {
    waiting: { type: "Pods", name: ADAPTER_METRICS.waitingForCapacity, unitsPerOne: 1 },
    ttftP95: { type: "External", name: ADAPTER_METRICS.ttftP95, unitsPerOne: 1, modelLabel: "model_name" },
    gpuUtilization: { type: "Pods", name: ADAPTER_METRICS.gpuUtilization, unitsPerOne: 1 },
    scaleInHold: { type: "External", name: ADAPTER_METRICS.scaleInHold, unitsPerOne: 1, modelLabel: "model_name" },
    inFlight: { type: "Pods", name: ADAPTER_METRICS.inFlight, unitsPerOne: 1 },
  },
  google: {
    waiting: {
      type: "External",
      name: adapterSpelling(CUSTOM_METRICS.queueLength),
      unitsPerOne: 1,
      labels: OF_A_CLUSTER,
    },
    ttftP95: {
      type: "External",
      name: adapterSpelling(CUSTOM_METRICS.ttftP95),
      unitsPerOne: 1000,
      modelLabel: "metric.labels.model_name",
      labels: OF_A_CLUSTER,
    },
    gpuUtilization: {
      type: "External",
      name: adapterSpelling(CUSTOM_METRICS.gpuUsage),
      unitsPerOne: 1,
      labels: OF_A_CLUSTER,
    },
  },
};
