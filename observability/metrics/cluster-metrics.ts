import { counter, gauge } from "./metric";

const emitter = "kube-state-metrics";

/** Of Kubernetes objects: https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics */
export const CLUSTER_METRICS = {
  podReady: gauge({
    name: "kube_pod_status_ready",
    unit: "state",
    labels: ["condition", "uid"],
    emitter,
    help: "1 for the condition that holds: `true`, `false`, `unknown`.",
  }),
  podPhase: gauge({
    name: "kube_pod_status_phase",
    unit: "state",
    labels: ["phase", "uid"],
    emitter,
    help: "1 for the phase that a pod is in.",
  }),
  containerRestarts: counter({
    name: "kube_pod_container_status_restarts_total",
    unit: "total",
    labels: ["container", "uid"],
    emitter,
    help: "Restarts of a container.",
  }),
  initContainerWaiting: gauge({
    name: "kube_pod_init_container_status_waiting_reason",
    unit: "state",
    labels: ["container", "reason", "uid"],
    emitter,
    help: "1 while an init container waits for this reason.",
  }),
  autoscalerReplicas: gauge({
    name: "kube_horizontalpodautoscaler_status_current_replicas",
    unit: "pods",
    labels: ["horizontalpodautoscaler"],
    emitter,
    help: "Pods that an autoscaler has.",
  }),
  autoscalerMaximum: gauge({
    name: "kube_horizontalpodautoscaler_spec_max_replicas",
    unit: "pods",
    labels: ["horizontalpodautoscaler"],
    emitter,
    help: "Pods that an autoscaler may have.",
  }),
} as const;
