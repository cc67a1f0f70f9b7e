/** The adapter's rules make these names and autoscalers read them: a name that only one side has scales nothing. */
import { METRICS } from "../app/src/contract/metrics";
import { adapterSpelling, CUSTOM_METRICS } from "./custom-metrics";

/**
 * Owner of `custom.metrics.k8s.io` and `external.metrics.k8s.io`: one in a cluster, because a second replaces the first
 * without an error. `metrics.k8s.io` (CPU and memory) belongs to the metrics-server that GKE runs.
 */
export type MetricsAdapter = "prometheus" | "google";

/** prometheus-adapter's default. The firewall opens it to the control plane. */
export const METRICS_ADAPTER_PORT = 6443;

/** They are part of a URL, which takes none of vLLM's `:`. */
export const ADAPTER_METRICS = {
  /** Per engine pod. */
  waitingForCapacity: "vllm_requests_waiting_for_capacity",
  /** Per gateway pod. */
  inFlight: METRICS.inFlight,
  /** Per model. */
  ttftP95: "vllm_ttft_p95_seconds",
  /** Of the pod's own GPU. */
  gpuUtilization: "dcgm_gpu_utilization_percent",
  /** 1 while a model is too busy to lose a pod, else 0. */
  scaleInHold: "engine_scale_in_hold",
} as const;

/**
 * An autoscaler does nothing while a metric is within this share of its target. kube-controller-manager's default; GKE has
 * no setting for it, and an autoscaler of Kubernetes 1.32 no field.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
export const AUTOSCALER_TOLERANCE = 0.1;

/** Target, in thousandths, with which an autoscaler adds pods once a metric is above the value: lower by the tolerance. */
export function scaleOutTargetMillis(above: number): number {
  return Math.ceil((above * 1000) / (1 + AUTOSCALER_TOLERANCE));
}

/** Source: R-88: queue below 10, p95 of the first token below 1 s, GPU use below 30 %, all three sustained. */
export const SCALE_IN_BELOW = { waiting: 10, ttftP95Seconds: 1, gpuUtilizationPercent: 30 } as const;

/** The VMs of step 1 write series of the same names; Google's adapter would sum them all. */
const OF_A_CLUSTER = { "resource.type": "k8s_cluster" } as const;

export interface AutoscalingMetric {
  /** `Pods`: averaged over the autoscaler's pods. `External`: one number, or a total to divide by them. */
  readonly type: "Pods" | "External";
  readonly name: string;
  /** Thresholds in seconds, requests or percent are multiplied by it. */
  readonly unitsPerOne: number;
  /** @default the series names no model */
  readonly modelLabel?: string;
  /** @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AutoscalingMetrics {
  readonly waiting: AutoscalingMetric;
  /** Thresholds in seconds. */
  readonly ttftP95: AutoscalingMetric;
  /** Percent. */
  readonly gpuUtilization: AutoscalingMetric;
  /** With a target of 1, an autoscaler that reads 1 keeps its pods. @default none, and pods go one by one */
  readonly scaleInHold?: AutoscalingMetric;
  /** @default none, and the gateway scales by CPU alone */
  readonly inFlight?: AutoscalingMetric;
}

/** Google's metrics of R-89 name no model, so all engines scale by the same two numbers there. */
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
