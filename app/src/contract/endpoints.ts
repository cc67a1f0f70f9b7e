/**
 * Contract between the workload and whatever runs it. Infrastructure imports this folder alone from `app/`, and it imports
 * nothing, so the two sides cannot disagree on a port without a type error. Here: where the workload answers, and the
 * times that it keeps.
 */

/** TCP ports of the serving unit, on the machine's (or the pod's) network. */
export const PORTS = {
  /** The gateway: every public route, the health routes and `/metrics`. Default of `PORT`. Source: R-67. */
  gateway: 8001,
  /** First engine (vLLM); engine *n* listens on `engineBase + n`. Never reachable from outside the unit. */
  engineBase: 8100,
  /** dcgm-exporter's own default. */
  dcgmExporter: 9400,
  /** node-exporter's own default. */
  nodeExporter: 9100,
} as const;

/** HTTP paths of the gateway, but for those of {@link TASKS}. */
export const PATHS = {
  /** 200 when the instance may receive traffic, otherwise 503: the load balancer's health check. Equal to `ready`. */
  healthz: "/healthz",
  /** Readiness with each check spelled out; 503 when any fails. */
  health: "/health",
  /** 200 while the process can answer at all, also while draining. */
  live: "/health/live",
  /** 200 once the models answered a warm-up request, until draining starts. */
  ready: "/health/ready",
  /** Prometheus text format. Never routed from the internet. */
  metrics: "/metrics",
  /** Operations: adapters, drain, degraded, goodput, activity. Bearer tokens of role `admin`. */
  admin: "/api/v1/admin",
  /** The models that a chat may name, in OpenAI's shape. */
  chatModels: "/api/models",
  openapi: "/openapi.json",
  docs: "/docs",
} as const;

/** Folder on an engine's disk that shows the buckets of adapters, one subfolder a bucket: `gs://b/p` is `ADAPTER_MOUNT/b/p`. */
export const ADAPTER_MOUNT = "/models/adapters";

/** `system_fingerprint` of every answer that the simulator gives, by which the gateway marks its own as simulated. */
export const SIMULATOR_FINGERPRINT = "terrace-simulator";

/**
 * How an answer reports the machine's load to the load balancer: a response header with the named metrics as JSON, each
 * from 0 to 1. https://cloud.google.com/load-balancing/docs/https/applb-custom-metrics
 */
export const LOAD_REPORT = {
  header: "endpoint-load-metrics",
  /** The busiest L4, as DCGM sees it; absent while DCGM does not answer. */
  gpuUtilization: "gpu_util",
  /** Share of the places that are taken, of the model that has the fewest left. */
  queueFill: "queue_fill",
} as const;

/** Seconds. */
export const GRACE = {
  /** Default of `DRAIN_TIMEOUT_MS`: fits a preempted VM's 30 s (https://cloud.google.com/compute/docs/instances/spot). */
  gatewayDrainSeconds: 25,
  /** Default of `KEEP_ALIVE_MS`: the application load balancer keeps a backend connection for 600 s, not settable. */
  keepAliveSeconds: 620,
} as const;
