import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { expression } from "../promql/expression";
import { increase, max, sum } from "../promql/functions";
import { above, and, below, operate } from "../promql/operators";
import { select } from "../promql/select";
import type { Alert } from "./alert";

const { autoscalerMaximum, autoscalerReplicas, containerRestarts, podPhase, podReady } = CLUSTER_METRICS;
const { certificateExpiry, configReloaded, notificationsFailed, probeSuccess, ruleFailures } = PLATFORM_METRICS;

/** Days: renewal is tried 30 days before, so that nine have been in vain. Source: infrastructure specification §7. */
const CERTIFICATE_DAYS = 21;
const RESTARTS_IN_HALF_AN_HOUR = 3;
/** Namespaces that are ours; what GKE runs is Google's to watch. */
const OURS = { namespace: { regex: "llm-serving|platform" } };

const hpa = (name: string) =>
  `${name}{job="kube-state-metrics", namespace="llm-serving", horizontalpodautoscaler="engine-0"}`;
const pod = (name: string, labels: string) =>
  `${name}{job="kube-state-metrics", namespace="llm-serving", pod="gateway-1"${labels}}`;
const probe = (name: string) => `${name}{job="probe", instance="https://api.example.com/healthz"}`;
const site = { instance: "https://api.example.com/healthz" };
const days = (count: number) => String(count * 86_400);

export const PLATFORM_ALERTS: readonly Alert[] = [
  {
    name: "AutoscalerAtMaximum",
    severity: "warning",
    subject: "platform",
    condition: operate(
      max(select(autoscalerReplicas, OURS), ["namespace", "horizontalpodautoscaler"]),
      ">=",
      max(select(autoscalerMaximum, OURS), ["namespace", "horizontalpodautoscaler"]),
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
          },
        },
      ],
    },
  },
  {
    name: "PodNotReady",
    severity: "warning",
    subject: "platform",
    condition: and(
      above(max(select(podReady, { ...OURS, condition: "false" }), ["namespace", "pod"]), 0),
      above(max(select(podPhase, { ...OURS, phase: { regex: "Pending|Running|Unknown" } }), ["namespace", "pod"]), 0),
      ["namespace", "pod"],
    ),
    for: "20m",
    summary: "{{ $labels.pod }} has not been ready for 20 minutes",
    description:
      "It waits for a node, its image, its weights, or fails its probe. `kubectl describe pod` says which. A pod that waits for a GPU is short of quota or of L4s in its zones.",
    examples: {
      firing: [
        {
          when: "pending for half an hour",
          at: "30m",
          series: {
            [pod("kube_pod_status_ready", ', condition="false"')]: "1x35",
            [pod("kube_pod_status_phase", ', phase="Pending"')]: "1x35",
          },
          fires: [{ namespace: "llm-serving", pod: "gateway-1" }],
        },
      ],
      quiet: [
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
      sum(increase(select(containerRestarts, OURS), "30m"), ["namespace", "pod", "container"]),
      RESTARTS_IN_HALF_AN_HOUR,
    ),
    summary: "{{ $labels.pod }}: {{ $labels.container }} restarts again and again",
    description: "`kubectl logs --previous` shows its last words; OOMKilled means that its memory limit is too small.",
    examples: {
      firing: [
        {
          when: "every two minutes",
          at: "30m",
          series: { [pod("kube_pod_container_status_restarts_total", ', container="gateway"')]: "0+0.5x35" },
          fires: [{ namespace: "llm-serving", pod: "gateway-1", container: "gateway" }],
        },
      ],
      quiet: [
        {
          when: "once",
          at: "30m",
          series: { [pod("kube_pod_container_status_restarts_total", ', container="gateway"')]: "0x10 1x25" },
        },
      ],
    },
  },
  {
    name: "SiteDown",
    severity: "critical",
    subject: "service",
    condition: operate(max(select(probeSuccess), ["instance"]), "==", 0),
    for: "3m",
    summary: "{{ $labels.instance }} does not answer from outside",
    description: "Clients get nothing: the name, the certificate, the load balancer or every backend behind it.",
    examples: {
      firing: [{ when: "five minutes", at: "6m", series: { [probe("probe_success")]: "1 0x10" }, fires: [site] }],
      quiet: [{ when: "one probe failed", at: "6m", series: { [probe("probe_success")]: "1 0 1x10" } }],
    },
  },
  {
    name: "CertificateExpiring",
    severity: "critical",
    subject: "service",
    condition: below(
      operate(max(select(certificateExpiry), ["instance"]), "-", expression("time()")),
      CERTIFICATE_DAYS * 86_400,
    ),
    for: "1h",
    summary: "{{ $labels.instance }}: the certificate expires in less than 21 days",
    description: "Google renews it by itself 30 days before. That it has not means that the domain's records changed.",
    examples: {
      firing: [
        {
          when: "in twenty days",
          every: "10m",
          at: "2h",
          series: { [probe("probe_ssl_earliest_cert_expiry")]: `${days(20)}x20` },
          fires: [site],
        },
      ],
      quiet: [
        {
          when: "in sixty days",
          every: "10m",
          at: "2h",
          series: { [probe("probe_ssl_earliest_cert_expiry")]: `${days(60)}x20` },
        },
      ],
    },
  },
  {
    name: "RulesFailing",
    severity: "warning",
    subject: "platform",
    condition: above(sum(increase(select(ruleFailures), "10m"), ["rule_group"]), 0),
    summary: "Prometheus cannot evaluate rules of {{ $labels.rule_group }}",
    description: "Alerts of this group are blind. Usually two series match where one is expected.",
    examples: {
      firing: [
        {
          when: "a rule fails",
          at: "15m",
          series: { 'prometheus_rule_evaluation_failures_total{job="prometheus", rule_group="slo"}': "0+1x20" },
          fires: [{ rule_group: "slo" }],
        },
      ],
      quiet: [
        {
          when: "none fails",
          at: "15m",
          series: { 'prometheus_rule_evaluation_failures_total{job="prometheus", rule_group="slo"}': "4x20" },
        },
      ],
    },
  },
  {
    name: "ConfigurationRefused",
    severity: "warning",
    subject: "platform",
    condition: operate(max(select(configReloaded), ["job"]), "==", 0),
    for: "5m",
    summary: "Prometheus refused its new configuration",
    description: "It goes on with the old one. Its log names the file and the line.",
    examples: {
      firing: [
        {
          when: "for ten minutes",
          at: "10m",
          series: { 'prometheus_config_last_reload_successful{job="prometheus"}': "1 0x15" },
          fires: [{ job: "prometheus" }],
        },
      ],
      quiet: [
        {
          when: "it was mended at once",
          at: "10m",
          series: { 'prometheus_config_last_reload_successful{job="prometheus"}': "1 0 0 1x15" },
        },
      ],
    },
  },
  {
    name: "NotificationsFailing",
    severity: "critical",
    subject: "platform",
    condition: above(sum(increase(select(notificationsFailed), "15m"), ["integration"]), 0),
    for: "5m",
    summary: "Alertmanager cannot send by {{ $labels.integration }}",
    description:
      "Somebody is not told. This alert goes by the other way; both broken is what Cloud Monitoring's own alerts are for.",
    examples: {
      firing: [
        {
          when: "Slack refuses",
          at: "15m",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager", integration="slack", reason="clientError"}':
              "0+1x20",
          },
          fires: [{ integration: "slack" }],
        },
      ],
      quiet: [
        {
          when: "it refused once, an hour ago",
          every: "5m",
          at: "1h",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager", integration="slack", reason="clientError"}':
              "0 1x20",
          },
        },
      ],
    },
  },
];
