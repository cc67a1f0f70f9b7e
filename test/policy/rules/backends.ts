import { blocksAt, type JsonObject, numberAt, textAt } from "../../support/json";
import { type PolicyRule, referenced, resourceRule } from "./rule";

const SERVICES: readonly string[] = ["google_compute_backend_service"];

/** Seconds of the longest streamed answer. Source: R-11. */
const STREAM_SECONDS = 3600;

function backends(body: JsonObject): readonly JsonObject[] {
  return blocksAt(body, "backend");
}

/** Backend services, and health checks with them. */
export const BACKEND_RULES: readonly PolicyRule[] = [
  resourceRule(
    "streams-are-not-cut",
    "timeout_sec limits a whole streamed answer; the default of 30 cuts it.",
    SERVICES,
    ({ body }) =>
      (numberAt(body, "timeout_sec") ?? 30) >= STREAM_SECONDS ? undefined : `timeout_sec is ${body.timeout_sec ?? 30}`,
  ),
  resourceRule("streams-are-not-held-back", "Compression and CDN hold a stream back.", SERVICES, ({ body }) => [
    ...(body.enable_cdn === true ? ["is behind the CDN"] : []),
    ...(body.compression_mode === "AUTOMATIC" ? ["compresses"] : []),
  ]),
  resourceRule(
    "utilization-with-rate",
    "UTILIZATION sees the CPU alone, which GPU work hardly moves; a rate stands beside it.",
    SERVICES,
    ({ body }) =>
      backends(body)
        .filter(({ balancing_mode }) => (balancing_mode ?? "UTILIZATION") === "UTILIZATION")
        .filter((backend) => backend.max_rate_per_instance === undefined && backend.max_rate === undefined)
        .map(() => "balances by UTILIZATION without a rate"),
  ),
  resourceRule(
    "one-balancing-mode",
    "A group counts as full by one mode in all of its backend services.",
    SERVICES,
    ({ body }) => {
      const modes = new Set(backends(body).map((backend) => textAt(backend, "balancing_mode")));
      return modes.size === 1 ? undefined : `balances by ${[...modes].join(" and ")}`;
    },
  ),
  resourceRule(
    "no-connection-limits",
    "max_connections belongs to proxies of connections; an application load balancer refuses it.",
    SERVICES,
    ({ body }) =>
      backends(body)
        .flatMap((backend) => Object.keys(backend))
        .filter((key) => key.startsWith("max_connections"))
        .map((key) => `has ${key}`),
  ),
  resourceRule(
    "custom-metrics-need-endpoints",
    "CUSTOM_METRICS is refused on unmanaged groups.",
    SERVICES,
    ({ body }, environment) =>
      backends(body)
        .filter((backend) => backend.balancing_mode === "CUSTOM_METRICS")
        .flatMap((backend) => referenced(environment, textAt(backend, "group"), "google_compute_instance_group") ?? [])
        .map((group) => `balances the unmanaged ${group.address} by CUSTOM_METRICS`),
  ),
  resourceRule(
    "custom-metrics-are-live",
    "With every custom metric a dry run, traffic is spread blindly.",
    SERVICES,
    ({ body }) => {
      const byMetrics = backends(body).filter((backend) => backend.balancing_mode === "CUSTOM_METRICS");
      return byMetrics
        .filter((backend) => blocksAt(backend, "custom_metrics").every((metric) => metric.dry_run === true))
        .map(() => "has no custom metric that counts");
    },
  ),
  resourceRule(
    "some-capacity",
    "capacity_scaler 0 drains a backend; the last one must not be drained.",
    SERVICES,
    ({ body }) =>
      backends(body).some((backend) => (numberAt(backend, "capacity_scaler") ?? 1) > 0)
        ? undefined
        : "has no backend with capacity",
  ),
  resourceRule(
    "every-group-of-the-route",
    "The groups stand in for each other: a route has each group that its settings name behind it, the cluster each zone.",
    SERVICES,
    ({ body }, _, { routes, kubernetes }) => {
      const named = (name: string) => textAt(body, "name")?.endsWith(`-${name}`);
      const route = Object.entries(routes).find(([name]) => named(name))?.[1];
      const wanted = (named("gke") ? kubernetes?.zones : route?.groups)?.length ?? 0;
      return backends(body).length === wanted ? undefined : `has ${backends(body).length} of ${wanted} groups`;
    },
  ),
  resourceRule(
    "outlier-detection-can-eject",
    "max_ejection_percent 10 of two hosts is none; under 50 it only looks safe.",
    SERVICES,
    ({ body }) =>
      blocksAt(body, "outlier_detection")
        .filter((detection) => (numberAt(detection, "max_ejection_percent") ?? 10) < 50)
        .map(() => "outlier detection can eject nobody"),
  ),
  resourceRule(
    "draining",
    "A leaving machine finishes its requests, for as long as the settings' grace says.",
    SERVICES,
    ({ body }, _, { grace }) =>
      numberAt(body, "connection_draining_timeout_sec") === grace.loadBalancerDrainingSeconds
        ? undefined
        : `drains for ${body.connection_draining_timeout_sec ?? 0} s, not ${grace.loadBalancerDrainingSeconds} s`,
  ),
  resourceRule("behind-armor", "Every backend service has the Cloud Armor policy.", SERVICES, ({ body }) =>
    textAt(body, "security_policy")?.includes("/securityPolicies/") ? undefined : "has no security_policy",
  ),
  resourceRule("requests-are-logged", "Every request leaves a line.", SERVICES, ({ body }) =>
    blocksAt(body, "log_config").some((log) => log.enable === true && (numberAt(log, "sample_rate") ?? 1) > 0)
      ? undefined
      : "does not log",
  ),
  resourceRule(
    "health-check-asks-readiness",
    "The load balancer asks /healthz, often enough that the app's pre-stop covers it; only repair may ask for life.",
    ["google_compute_health_check"],
    ({ body, address }, environment, { grace }) => {
      const path = blocksAt(body, "http_health_check").map((http) => textAt(http, "request_path"))[0];
      const asked = resourcesThatAsk(environment, address);
      const seconds = (numberAt(body, "check_interval_sec") ?? 5) * (numberAt(body, "unhealthy_threshold") ?? 2);
      return [
        ...(asked && path !== "/healthz" ? [`asks ${path}`] : []),
        ...((numberAt(body, "timeout_sec") ?? 5) > (numberAt(body, "check_interval_sec") ?? 5)
          ? ["waits longer than its interval"]
          : []),
        ...(asked && environment.name === "production" && seconds > grace.preStopSeconds
          ? [`takes ${seconds} s to notice, more than the pre-stop of ${grace.preStopSeconds} s`]
          : []),
      ];
    },
  ),
];

function resourcesThatAsk(environment: Parameters<PolicyRule["check"]>[0], healthCheck: string): boolean {
  return environment.stacks.some((stack) => {
    const { resource } = stack.config;
    return JSON.stringify(resource ?? null).includes(`"health_checks":["\${${healthCheck}.`);
  });
}

/** Load-balancing schemes, which must be one and the same wherever a resource has one. */
export const SCHEME_RULE: PolicyRule = resourceRule(
  "one-scheme",
  "Forwarding rules and backend services say EXTERNAL_MANAGED; another scheme plans well and fails at apply.",
  ["google_compute_backend_service", "google_compute_global_forwarding_rule", "google_compute_forwarding_rule"],
  ({ body }) =>
    body.load_balancing_scheme === "EXTERNAL_MANAGED"
      ? undefined
      : `load_balancing_scheme is ${body.load_balancing_scheme ?? "EXTERNAL by default"}`,
);

/** Keep-alive of the proxies towards clients. */
export const PROXY_KEEP_ALIVE_RULE: PolicyRule = resourceRule(
  "client-keep-alive",
  "http_keep_alive_timeout_sec is between 5 and 1200 seconds.",
  ["google_compute_target_http_proxy", "google_compute_target_https_proxy"],
  ({ body }) => {
    const seconds = numberAt(body, "http_keep_alive_timeout_sec") ?? 610;
    return seconds >= 5 && seconds <= 1200 ? undefined : `keeps clients for ${seconds} s`;
  },
);
