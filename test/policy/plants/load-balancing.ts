import { edit, editIn, type Plant } from "./plant";

const SERVICE = "google_compute_backend_service";

export const LOAD_BALANCING_PLANTS: readonly Plant[] = [
  edit("streams-are-not-cut", "30 s", SERVICE, { timeout_sec: 30 }),
  edit("streams-are-not-cut", "the default", SERVICE, { timeout_sec: undefined }),
  edit("streams-are-not-held-back", "compression", SERVICE, { compression_mode: "AUTOMATIC" }),
  edit("streams-are-not-held-back", "CDN", SERVICE, { enable_cdn: true }),
  edit("utilization-with-rate", "CPU alone", SERVICE, { "backend[1].max_rate_per_instance": undefined }),
  edit("one-balancing-mode", "two modes", SERVICE, { "backend[1].balancing_mode": "RATE" }),
  edit("no-connection-limits", "a connection limit", SERVICE, { "backend[0].max_connections_per_instance": 30 }),
  edit("custom-metrics-need-endpoints", "an unmanaged group", SERVICE, {
    "backend[0].balancing_mode": "CUSTOM_METRICS",
  }),
  editIn("custom-metrics", "custom-metrics-are-live", "dry runs", SERVICE, {
    "backend[0].custom_metrics[0].dry_run": true,
    "backend[0].custom_metrics[1].dry_run": true,
  }),
  edit("some-capacity", "two drained groups", SERVICE, {
    "backend[0].capacity_scaler": 0,
    "backend[1].capacity_scaler": 0,
  }),
  edit("every-group-of-the-route", "one group", SERVICE, {
    backend: [{ balancing_mode: "UTILIZATION", max_rate_per_instance: 3 }],
  }),
  edit("outlier-detection-can-eject", "the default percentage", SERVICE, { "outlier_detection.consecutive_errors": 5 }),
  edit("draining", "no draining", SERVICE, { connection_draining_timeout_sec: 0 }),
  edit("behind-armor", "no policy", SERVICE, { security_policy: undefined }),
  edit("requests-are-logged", "no log", SERVICE, { "log_config.enable": false }),
  edit("health-check-asks-readiness", "liveness", "google_compute_health_check", {
    "http_health_check.request_path": "/health/live",
  }),
  edit("health-check-asks-readiness", "a slow check", "google_compute_health_check", { unhealthy_threshold: 10 }),
  edit("health-check-asks-readiness", "a long wait", "google_compute_health_check", { timeout_sec: 10 }),
  edit("one-scheme", "a classic service", SERVICE, { load_balancing_scheme: "EXTERNAL" }),
  edit("one-scheme", "the default", "google_compute_global_forwarding_rule", { load_balancing_scheme: undefined }),
  edit("client-keep-alive", "an hour", "google_compute_target_https_proxy", { http_keep_alive_timeout_sec: 3600 }),
];
