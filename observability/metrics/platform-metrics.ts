import { counter, gauge } from "./metric";

/** Of what watches: Prometheus, Alertmanager, the prober, and Node's own of the gateway. */
export const PLATFORM_METRICS = {
  up: gauge({ name: "up", unit: "state", emitter: "prometheus", help: "1 while a target answers its scrape." }),
  alerts: gauge({
    name: "ALERTS",
    unit: "state",
    labels: ["alertname", "alertstate", "severity"],
    emitter: "prometheus",
    help: "1 while an alert is `pending` or `firing`, as Prometheus keeps it.",
  }),
  configReloaded: gauge({
    name: "prometheus_config_last_reload_successful",
    unit: "state",
    emitter: "prometheus",
    help: "0 after a configuration or rule file that Prometheus refused.",
  }),
  alertmanagerConfigReloaded: gauge({
    name: "alertmanager_config_last_reload_successful",
    unit: "state",
    emitter: "alertmanager",
    help: "0 after a configuration that Alertmanager refused.",
  }),
  heldAlerts: gauge({
    name: "alertmanager_alerts",
    unit: "total",
    labels: ["state"],
    emitter: "alertmanager",
    help: "Alerts that Alertmanager holds: active or suppressed.",
  }),
  ruleFailures: counter({
    name: "prometheus_rule_evaluation_failures_total",
    unit: "total",
    labels: ["rule_group"],
    emitter: "prometheus",
    help: "Rules that could not be evaluated.",
  }),
  notificationsFailed: counter({
    name: "alertmanager_notifications_failed_total",
    unit: "total",
    labels: ["integration"],
    emitter: "alertmanager",
    help: "Notifications that did not go out.",
  }),
  probeSuccess: gauge({
    name: "probe_success",
    unit: "state",
    emitter: "blackbox-exporter",
    help: "1 while the public address answers as it should.",
  }),
  certificateExpiry: gauge({
    name: "probe_ssl_earliest_cert_expiry",
    unit: "unix seconds",
    emitter: "blackbox-exporter",
    help: "When the first certificate of the chain that clients see expires.",
  }),
  eventLoopLagP99: gauge({
    name: "nodejs_eventloop_lag_p99_seconds",
    unit: "seconds",
    emitter: "gateway",
    help: "How late the gateway's event loop runs, 99th percentile.",
  }),
  processStart: gauge({
    name: "process_start_time_seconds",
    unit: "unix seconds",
    emitter: "gateway",
    help: "When the process started.",
  }),
} as const;
