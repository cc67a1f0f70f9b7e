import { counter, gauge } from "./metric";

const emitter = "kube-state-metrics";

/**
 * Of Kubernetes objects, by kube-state-metrics (https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics),
 * and of claimed volumes, by the kubelet.
 */
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
  initContainerRunning: gauge({
    name: "kube_pod_init_container_status_running",
    unit: "state",
    labels: ["container", "uid"],
    emitter,
    help: "1 while an init container runs.",
  }),
  autoscalerReplicas: gauge({
    name: "kube_horizontalpodautoscaler_status_current_replicas",
    unit: "pods",
    labels: ["horizontalpodautoscaler"],
    emitter,
    help: "Pods that an autoscaler has.",
  }),
  autoscalerMinimum: gauge({
    name: "kube_horizontalpodautoscaler_spec_min_replicas",
    unit: "pods",
    labels: ["horizontalpodautoscaler"],
    emitter,
    help: "Pods that an autoscaler keeps at least.",
  }),
  autoscalerMaximum: gauge({
    name: "kube_horizontalpodautoscaler_spec_max_replicas",
    unit: "pods",
    labels: ["horizontalpodautoscaler"],
    emitter,
    help: "Pods that an autoscaler may have.",
  }),
  volumeAvailable: gauge({
    name: "kubelet_volume_stats_available_bytes",
    unit: "bytes",
    labels: ["persistentvolumeclaim"],
    emitter: "kubelet",
    help: "Room left on a claimed volume.",
  }),
  volumeCapacity: gauge({
    name: "kubelet_volume_stats_capacity_bytes",
    unit: "bytes",
    labels: ["persistentvolumeclaim"],
    emitter: "kubelet",
    help: "Size of a claimed volume.",
  }),
} as const;
