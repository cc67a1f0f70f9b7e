/**
 * What the workload promises to whatever runs it, and nothing else: ports, paths, environment variable names, metric
 * names and grace times. Infrastructure code imports this file alone from `app/`; it has no dependencies, so the two
 * sides cannot disagree on a port without a type error.
 */

/** TCP ports of the serving unit, on the machine's (or the pod's) network. */
export const PORTS = {
  /** The gateway: every public route, the health routes and `/metrics`. Default of `PORT`. Source: third document, §3. */
  gateway: 8001,
  /** First engine (vLLM); engine *n* listens on `engineBase + n`. Never reachable from outside the unit. */
  engineBase: 8100,
  /** dcgm-exporter's own default. */
  dcgmExporter: 9400,
  /** node-exporter's own default. */
  nodeExporter: 9100,
} as const;

/** HTTP paths of the gateway. */
export const PATHS = {
  til: "/til",
  /** The fifth document's name of the same handler as `/til`. */
  generateTil: "/generate_til",
  news: "/news",
  interview: "/interview",
  /** 200 when the instance may receive traffic, otherwise 503: what the load balancer asks. Equal to `ready`. */
  healthz: "/healthz",
  /** Readiness with each check spelled out; 503 when any fails. */
  health: "/health",
  /** 200 while the process can answer at all, also while draining. */
  live: "/health/live",
  /** 200 once the models answered a warm-up request, until draining starts. */
  ready: "/health/ready",
  /** Prometheus text format. Never routed from the internet. */
  metrics: "/metrics",
  openapi: "/openapi.json",
  docs: "/docs",
} as const;

/** Names of the environment variables that the gateway reads. Values and defaults: `app/src/config.ts`. */
export const ENV = {
  port: "PORT",
  host: "HOST",
  logLevel: "LOG_LEVEL",
  /** `false` takes `/docs` and `/openapi.json` away. */
  docs: "DOCS",
  /** One OpenAI-compatible base URL for every task, e.g. `http://127.0.0.1:8100/v1`. `MODEL_TABLE` wins over it. */
  vllmBaseUrl: "VLLM_BASE_URL",
  /** JSON object: task → {@link ModelTableEntry}. */
  modelTable: "MODEL_TABLE",
  /** Model name that `VLLM_BASE_URL` serves. */
  vllmModel: "VLLM_MODEL",
  /** Bearer token of the engines, as vLLM's `--api-key` wants it. A secret. */
  vllmApiKey: "VLLM_API_KEY",
  /** Most requests in flight to the model of `VLLM_BASE_URL`. */
  modelConcurrency: "MODEL_CONCURRENCY",
  /** Milliseconds that an engine gets for a whole answer; for a streamed one, for the first token and between tokens. */
  engineTimeoutMs: "ENGINE_TIMEOUT_MS",
  /** Tokens that a rendered prompt may take; what does not fit of a diff is left out by hunk. */
  promptBudgetTokens: "PROMPT_BUDGET_TOKENS",
  /** Bytes of a request body; a larger one is answered 413. */
  bodyLimitBytes: "BODY_LIMIT_BYTES",
  /** How many times faster than one L4 the simulator answers; 0 leaves all delays out. */
  simulatorSpeed: "SIMULATOR_SPEED",
  /** Where dcgm-exporter answers. Set, every answer reports the machine's load, see {@link LOAD_REPORT}. */
  gpuMetricsUrl: "GPU_METRICS_URL",
  /** Milliseconds for which `/healthz` answers 503 before the listener closes, so that the balancer stops sending. */
  preStopMs: "PRESTOP_MS",
  /** Milliseconds that in-flight requests get to finish after that. */
  drainTimeoutMs: "DRAIN_TIMEOUT_MS",
  /** Milliseconds an idle client connection is kept: above the load balancer's 600 s, or stray 502s follow. */
  keepAliveMs: "KEEP_ALIVE_MS",
} as const;

/** A generation task: which model answers it is `MODEL_TABLE`'s to say. */
export type Task = "til" | "news" | "interview" | "chat";

/** Where one task's answers come from. */
export interface ModelTableEntry {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** Model name as the engine serves it. */
  readonly model: string;
  /** Most requests in flight to this model from this gateway; a further one is answered 429 with `Retry-After`. */
  readonly concurrency: number;
}

/** Names of the metrics that the gateway exposes on `/metrics`, with Prometheus' own unit suffixes. */
export const METRICS = {
  requests: "gateway_requests_total",
  requestDuration: "gateway_request_duration_seconds",
  ttft: "gateway_ttft_seconds",
  inFlight: "gateway_in_flight_requests",
  rejected: "gateway_rejected_requests_total",
  ready: "gateway_ready",
} as const;

/**
 * How an answer tells the load balancer how busy the machine is: a response header with the named metrics as JSON, each
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
