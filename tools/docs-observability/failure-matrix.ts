/** What can be lost, what is seen of it, and which test plays it. */
export interface Failure {
  readonly what: string;
  /** What users see. */
  readonly users: string;
  /** Names of the alerts, the first one the loudest. */
  readonly alerts: readonly [string, ...string[]];
  /** What happens by itself. */
  readonly answer: string;
  /** Files of tests that play it, from the repository's root. */
  readonly tests: readonly [string, ...string[]];
}

export const FAILURES: readonly Failure[] = [
  {
    what: "A zone, or a machine",
    users: "Streams that ran there break off; other requests go to the other group.",
    alerts: ["NodeDown", "GpuSaturated", "QueueLong"],
    answer: "The load balancer sends to healthy backends only; each route names both groups.",
    tests: ["test/constructs/path-rules.test.ts", "test/observability/routing.test.ts"],
  },
  {
    what: "A GPU (XID)",
    users: "Requests on that engine end with an error; new ones go elsewhere, or get 503.",
    alerts: ["GpuFault", "EndpointDown", "ModelUnavailable"],
    answer: "The circuit of the engine opens; a VM's gateway is no longer ready.",
    tests: ["app/simulator/test/faults.test.ts", "app/test/engines/client/circuit-breaker.test.ts"],
  },
  {
    what: "An engine that crashes or hangs",
    users:
      "Its requests are sent once more, to another engine where there is one; else 502, 503 or the fallback model.",
    alerts: ["EndpointDown", "ModelUnavailable", "GatewayNotReady"],
    answer: "Retries within the deadline, circuit breaker, degraded mode; systemd or Kubernetes restarts it.",
    tests: ["app/test/engines/client/retries.test.ts", "app/test/operations/degraded/degraded.test.ts"],
  },
  {
    what: "The bucket refuses the weights (403)",
    users: "Nobody notices while other engines serve.",
    alerts: ["ModelDownloadFailed", "ColdStartOverBudget"],
    answer: "The boot script says which role is missing and tries on for ever; weights of an earlier boot are served.",
    tests: ["test/boot/models-script.test.ts"],
  },
  {
    what: "The certificate is not renewed",
    users: "Nobody, until the day it expires.",
    alerts: ["CertificateExpiring", "SiteDown"],
    answer: "Nothing: a person has to look at the domain's records.",
    tests: ["test/constructs/uptime-check.test.ts"],
  },
  {
    what: "No quota, or no L4 to be had",
    users: "Longer waits, then 429 with `Retry-After`.",
    alerts: ["EngineStartOverBudget", "AutoscalerAtMaximum", "QueueLong"],
    answer: "Pods wait for a node; plans that need more than the quota are refused beforehand.",
    tests: ["test/planning/scaling.test.ts"],
  },
  {
    what: "Redis",
    users: "Answers are not cached; what needs a lock is refused where `LOCK_REQUIRED` is set.",
    alerts: ["RedisDown"],
    answer: "The cache misses, limits are kept by each gateway.",
    tests: ["app/test/stores/redis-outage.test.ts"],
  },
  {
    what: "Qdrant",
    users: "Texts without context from earlier ones; each answer says so.",
    alerts: ["VectorStoreDown"],
    answer: "Retrieval is left out; what is stored meanwhile is brought into the index later.",
    tests: ["app/test/retrieval/outage.test.ts"],
  },
  {
    what: "PostgreSQL",
    users:
      "TILs are answered and not kept, with a warning; what needs a stored one is 503 with `Retry-After`; news go on.",
    alerts: ["PostgresDown"],
    answer: "Cloud SQL fails over by itself; the gateways connect again.",
    tests: ["app/test/stores/outage-answers.test.ts", "app/test/tasks/outages.test.ts"],
  },
  {
    what: "Google takes a Spot machine back",
    users: "Nothing, where answers end within the notice.",
    alerts: ["Preempted", "LostWork", "NodeDown"],
    answer: "The gateway reads the notice, leaves the load balancer and drains.",
    tests: ["app/test/operations/preemption/preemption.test.ts", "test/planning/grace.test.ts"],
  },
  {
    what: "More demand than the engines carry",
    users: "Waits up to the queue's limit, then 429 with `Retry-After`.",
    alerts: ["QueueLong", "SlowFirstToken", "RequestsRefused"],
    answer: "Step 2 adds engines; the scheduler bounds the longest wait.",
    tests: ["app/test/engines/scheduling/bounded-wait.test.ts", "test/constructs/prometheus-adapter-rules.test.ts"],
  },
  {
    what: "A night without a backup",
    users: "Nobody.",
    alerts: ["BackupStale"],
    answer: "The next night tries again; PostgreSQL has its point-in-time recovery besides.",
    tests: ["test/observability/rules.test.ts", "app/test/jobs/backup/last-backup.test.ts"],
  },
  {
    what: "Prometheus or Alertmanager",
    users: "Nobody.",
    alerts: ["Watchdog", "NotificationsFailing", "ConfigurationRefused"],
    answer: "A service outside misses the heartbeat; Cloud Monitoring's own alerts go on.",
    tests: ["test/observability/routing.test.ts"],
  },
];
