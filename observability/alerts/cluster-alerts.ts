import { EXPORTERS_NAMESPACE } from "../../planning/kubernetes-names";
import { NAMESPACES } from "../../planning/names";
import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { increase, max, sum } from "../promql/functions";
import { above, and, below, divide, operate, or } from "../promql/operators";
import { select } from "../promql/select";
import type { Alert } from "../rules/alert";

const { autoscalerMaximum, autoscalerMinimum, autoscalerReplicas } = CLUSTER_METRICS;
const { containerRestarts, podPhase, podReady, volumeAvailable, volumeCapacity } = CLUSTER_METRICS;

const RESTARTS_IN_HALF_AN_HOUR = 3;
/** Share of a volume that must be free. */
const FREE_VOLUME = 0.1;
/** Namespaces that are ours; what GKE runs is Google's to watch. */
const OURS = { namespace: { regex: [NAMESPACES.serving, NAMESPACES.platform, EXPORTERS_NAMESPACE].join("|") } };
/** Engines have a budget of their own: `EngineStartOverBudget`. */
const PODS = { ...OURS, pod: { notRegex: "engine-.+" } };

const BY_AUTOSCALER = ["namespace", "horizontalpodautoscaler"];
const BY_POD = ["namespace", "pod"];
const maximum = max(select(autoscalerMaximum, OURS), BY_AUTOSCALER);

const hpa = (name: string) =>
  `${name}{job="kube-state-metrics", namespace="llm-serving", horizontalpodautoscaler="engine-0"}`;
const pod = (name: string, labels: string) =>
  `${name}{job="kube-state-metrics", namespace="llm-serving", pod="gateway-1"${labels}}`;
const claim = (name: string) =>
  `${name}{job="kubelet", namespace="platform", persistentvolumeclaim="prometheus-db", node="gke-cpu-1"}`;

/** Of what the cluster runs; on VMs their series do not exist. */
export const CLUSTER_ALERTS: readonly Alert[] = [
  {
    name: "AutoscalerAtMaximum",
    severity: "warning",
    subject: "platform",
    // Where minimum and maximum are the same, being at the maximum means nothing.
    condition: and(
      operate(max(select(autoscalerReplicas, OURS), BY_AUTOSCALER), ">=", maximum),
      above(maximum, max(select(autoscalerMinimum, OURS), BY_AUTOSCALER)),
    ),
    for: "15m",
    summary: "{{ $labels.horizontalpodautoscaler }} has as many pods as it may",
    description: "More demand will wait or be refused. Raise the maximum, if the quota of L4 GPUs allows it.",
    examples: {
      firing: [
        {
          when: "20 of 20 for half an hour",
          at: "30m",
          series: {
            [hpa("kube_horizontalpodautoscaler_status_current_replicas")]: "20x35",
            [hpa("kube_horizontalpodautoscaler_spec_max_replicas")]: "20x35",
            [hpa("kube_horizontalpodautoscaler_spec_min_replicas")]: "2x35",
          },
          fires: [{ namespace: "llm-serving", horizontalpodautoscaler: "engine-0" }],
        },
      ],
      quiet: [
        {
          when: "20 of 20 for ten minutes",
          at: "30m",
          series: {
            [hpa("kube_horizontalpodautoscaler_status_current_replicas")]: "5x10 20x10 18x15",
            [hpa("kube_horizontalpodautoscaler_spec_max_replicas")]: "20x35",
            [hpa("kube_horizontalpodautoscaler_spec_min_replicas")]: "2x35",
          },
        },
        {
          when: "it may have two, and no other number",
          at: "30m",
          series: {
            [hpa("kube_horizontalpodautoscaler_status_current_replicas")]: "2x35",
            [hpa("kube_horizontalpodautoscaler_spec_max_replicas")]: "2x35",
            [hpa("kube_horizontalpodautoscaler_spec_min_replicas")]: "2x35",
          },
        },
      ],
    },
  },
  {
    name: "PodNotReady",
    severity: "warning",
    subject: "platform",
    // A pod that has no node yet has no condition `Ready` at all: only its phase shows it.
    condition: or(
      above(max(select(podPhase, { ...PODS, phase: { regex: "Pending|Unknown" } }), BY_POD), 0),
      and(
        above(max(select(podReady, { ...PODS, condition: "false" }), BY_POD), 0),
        above(max(select(podPhase, { ...PODS, phase: "Running" }), BY_POD), 0),
      ),
    ),
    for: "20m",
    summary: "{{ $labels.pod }} has not been ready for 20 minutes",
    description: "It waits for a node or its image, or fails its probe. `kubectl describe pod` says which.",
    examples: {
      firing: [
        {
          when: "no node takes it",
          at: "30m",
          series: { [pod("kube_pod_status_phase", ', phase="Pending"')]: "1x35" },
          fires: [{ namespace: "llm-serving", pod: "gateway-1" }],
        },
        {
          when: "it runs and fails its probe",
          at: "30m",
          series: {
            [pod("kube_pod_status_ready", ', condition="false"')]: "1x35",
            [pod("kube_pod_status_phase", ', phase="Running"')]: "1x35",
          },
          fires: [{ namespace: "llm-serving", pod: "gateway-1" }],
        },
      ],
      quiet: [
        {
          when: "ready after ten minutes",
          at: "30m",
          series: {
            [pod("kube_pod_status_phase", ', phase="Pending"')]: "1x4 0x30",
            [pod("kube_pod_status_ready", ', condition="false"')]: "_x4 1x6 0x30",
            [pod("kube_pod_status_phase", ', phase="Running"')]: "0x4 1x30",
          },
        },
        {
          when: "a job's pod that has succeeded",
          at: "30m",
          series: {
            [pod("kube_pod_status_ready", ', condition="false"')]: "1x35",
            [pod("kube_pod_status_phase", ', phase="Succeeded"')]: "1x35",
            [pod("kube_pod_status_phase", ', phase="Running"')]: "0x35",
          },
        },
      ],
    },
  },
  {
    name: "ContainerRestarting",
    severity: "warning",
    subject: "platform",
    condition: above(
      sum(increase(select(containerRestarts, OURS), "30m"), [...BY_POD, "container"]),
      RESTARTS_IN_HALF_AN_HOUR,
    ),
    summary: "{{ $labels.pod }}: {{ $labels.container }} restarts again and again",
    description: "`kubectl logs --previous` shows its last words; OOMKilled means that its memory limit is too small.",
    examples: {
      firing: [
        {
          when: "every seven minutes",
          at: "40m",
          series: { [pod("kube_pod_container_status_restarts_total", ', container="gateway"')]: "0+0.15x45" },
          fires: [{ namespace: "llm-serving", pod: "gateway-1", container: "gateway" }],
        },
      ],
      quiet: [
        {
          when: "once",
          at: "30m",
          series: { [pod("kube_pod_container_status_restarts_total", ', container="gateway"')]: "0x10 1x25" },
        },
        {
          when: "every twelve minutes",
          at: "40m",
          series: { [pod("kube_pod_container_status_restarts_total", ', container="gateway"')]: "0+0.08x45" },
        },
      ],
    },
  },
  {
    name: "VolumeFilling",
    severity: "warning",
    subject: "store",
    condition: below(
      divide(
        max(select(volumeAvailable, OURS), ["namespace", "persistentvolumeclaim"]),
        max(select(volumeCapacity, OURS), ["namespace", "persistentvolumeclaim"]),
      ),
      FREE_VOLUME,
    ),
    for: "15m",
    summary: "{{ $labels.persistentvolumeclaim }}: less than 10 % of the volume is free",
    description: "When it is full, Qdrant refuses writes, and Prometheus stops.",
    examples: {
      firing: [
        {
          when: "8 % are free",
          at: "20m",
          series: {
            [claim("kubelet_volume_stats_available_bytes")]: "8e9x25",
            [claim("kubelet_volume_stats_capacity_bytes")]: "100e9x25",
          },
          fires: [{ namespace: "platform", persistentvolumeclaim: "prometheus-db" }],
        },
      ],
      quiet: [
        {
          when: "15 % are free, and 5 % for ten minutes",
          at: "20m",
          series: {
            [claim("kubelet_volume_stats_available_bytes")]: "15e9x5 5e9x9 15e9x10",
            [claim("kubelet_volume_stats_capacity_bytes")]: "100e9x25",
          },
        },
      ],
    },
  },
];
