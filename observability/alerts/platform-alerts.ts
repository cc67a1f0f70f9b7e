import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { expression } from "../promql/expression";
import { increase, max, sum } from "../promql/functions";
import { above, operate, or } from "../promql/operators";
import { select } from "../promql/select";
import type { Alert } from "../rules/alert";
import { HEARTBEAT_ALERT } from "./routing";

const { alertmanagerConfigReloaded, configReloaded, notificationsFailed, ruleFailures } = PLATFORM_METRICS;

/** Of what watches. */
export const PLATFORM_ALERTS: readonly Alert[] = [
  {
    name: HEARTBEAT_ALERT,
    severity: "none",
    subject: "platform",
    condition: expression("vector(1)"),
    summary: "Prometheus evaluates rules, and Alertmanager hears of it",
    description:
      "Always fires. A service outside that no longer hears it rings: then no other alert of this list would reach anybody.",
    examples: { firing: [{ when: "always", at: "1m", series: {}, fires: [{}] }], quiet: "never" },
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
          series: {
            'prometheus_rule_evaluation_failures_total{job="prometheus", rule_group="/etc/prometheus/rules/slo.yaml;slo"}':
              "0+1x20",
          },
          fires: [{ rule_group: "/etc/prometheus/rules/slo.yaml;slo" }],
        },
      ],
      quiet: [
        {
          when: "none fails",
          at: "15m",
          series: {
            'prometheus_rule_evaluation_failures_total{job="prometheus", rule_group="/etc/prometheus/rules/slo.yaml;slo"}':
              "4x20",
          },
        },
      ],
    },
  },
  {
    name: "ConfigurationRefused",
    severity: "warning",
    subject: "platform",
    condition: or(
      operate(max(select(configReloaded), ["job"]), "==", 0),
      operate(max(select(alertmanagerConfigReloaded), ["job"]), "==", 0),
    ),
    for: "5m",
    summary: "{{ $labels.job }} refused its new configuration",
    description: "It goes on with the old one. Its log names the file and the line.",
    examples: {
      firing: [
        {
          when: "for ten minutes",
          at: "10m",
          series: { 'prometheus_config_last_reload_successful{job="prometheus"}': "1 0x15" },
          fires: [{ job: "prometheus" }],
        },
        {
          when: "a receiver's secret is missing",
          at: "10m",
          series: { 'alertmanager_config_last_reload_successful{job="alertmanager"}': "1 0x15" },
          fires: [{ job: "alertmanager" }],
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
    condition: above(sum(increase(select(notificationsFailed), "10m"), ["integration"]), 0),
    // Longer than the window: what failed once is tried again, and came through.
    for: "15m",
    summary: "Alertmanager cannot send by {{ $labels.integration }}",
    description:
      "Somebody is not told. This alert goes by the other way; both broken is what Cloud Monitoring's own alerts are for.",
    examples: {
      firing: [
        {
          when: "Slack refuses",
          at: "30m",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager", integration="slack"}': "0+1x40",
          },
          fires: [{ integration: "slack" }],
        },
      ],
      quiet: [
        {
          when: "it refused once",
          at: "1h",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager", integration="slack"}': "0x5 1x60",
          },
        },
      ],
    },
  },
];
