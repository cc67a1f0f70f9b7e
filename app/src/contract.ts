/**
 * What the workload promises to whatever runs it, and nothing else: ports, paths, tasks, environment variable names, metric
 * names, tokens and grace times. Infrastructure code imports this file alone from `app/`; it has no dependencies, so the two
 * sides cannot disagree on a port without a type error.
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

/** Names of the environment variables that the gateway reads. Values and defaults: `app/src/config/`. */
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
  /** Bearer token of the engines, vLLM's `--api-key`. A secret. */
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

  /** `prefill`: the scheduler's order, by uncached prefill tokens with ageing; `fifo`: in order of arrival. */
  schedulerPolicy: "SCHEDULER_POLICY",
  /** Uncached prefill tokens that a second of waiting is worth. */
  agingTokensPerSecond: "AGING_TOKENS_PER_S",
  /** Requests that may wait for a model's place; a further one is answered 429. */
  maxQueue: "MAX_QUEUE",
  /** Milliseconds that a request may wait for a place; then it is answered 504. */
  queueTimeoutMs: "QUEUE_TIMEOUT_MS",
  /** `true` sends the scheduler's order on to vLLM, which then needs `--scheduling-policy priority`. */
  enginePriority: "ENGINE_PRIORITY",
  /** Milliseconds to the first token that count as good: the SLA of goodput. */
  slaTtftMs: "SLA_TTFT_MS",
  /** Requests waiting for the interview model from which its fallback model answers. */
  interviewFallbackQueue: "INTERVIEW_FALLBACK_QUEUE",
  /** `exact` counts tokens with Gemma 3's tokenizer; `estimate` by script. */
  tokenCount: "TOKEN_COUNT",

  /** Folder of the embedded stores. */
  dataDir: "DATA_DIR",
  /** Gateways that run side by side. The embedded stores refuse more than one. */
  replicas: "REPLICAS",
  /** `postgresql://user@host/database`, or unset for the embedded server. A secret where it holds a password. */
  databaseUrl: "DATABASE_URL",
  /** `google-iam` logs in with the metadata server's access token instead of a password. */
  databaseAuth: "DATABASE_AUTH",
  databasePoolMax: "DATABASE_POOL_MAX",
  /** `redis://host:6379` or `rediss://host:6378`, or unset for the in-process twin. A secret where it holds a password. */
  redisUrl: "REDIS_URL",
  redisAuth: "REDIS_AUTH",
  /** PEM file of the authority that signed the server's certificate. */
  redisCaFile: "REDIS_CA_FILE",
  databaseCaFile: "DATABASE_CA_FILE",
  lockTtlSeconds: "LOCK_TTL_SECONDS",
  /** `true` answers 503 rather than run unlocked while Redis is away. */
  lockRequired: "LOCK_REQUIRED",
  cacheTtlSeconds: "CACHE_TTL_SECONDS",

  /** Qdrant's REST URL, or unset for LanceDB in `DATA_DIR`. */
  qdrantUrl: "QDRANT_URL",
  qdrantApiKey: "QDRANT_API_KEY",
  /** OpenAI-compatible base URL that embeds, ending in `/v1`, or unset for hashed n-grams. */
  embedUrl: "EMBED_URL",
  embedModel: "EMBED_MODEL",
  embedApiKey: "EMBED_API_KEY",
  /** Neighbours that retrieval returns. */
  topK: "TOP_K",
  /** Tokens of a prompt that retrieved context may take. */
  contextBudgetTokens: "CONTEXT_BUDGET_TOKENS",
  promptVersion: "PROMPT_VERSION",

  /** `name:role=sha256` of each bearer token, comma-separated. Hashes of random tokens: no secret. */
  serviceTokens: "SERVICE_TOKENS",

  /** Prefixes under which adapters may lie, comma-separated. */
  adapterPrefixes: "ADAPTER_PREFIXES",
  /** `--max-loras` of the engines. */
  maxLoras: "MAX_LORAS",

  /** Where backups go: `gs://bucket/prefix`, or a folder. */
  backupDestination: "BACKUP_DESTINATION",
  /** Cloud Storage's endpoint, for an emulator or a private address. */
  storageUrl: "STORAGE_URL",

  /** `true` watches the metadata server for this VM's preemption. */
  watchPreemption: "WATCH_PREEMPTION",
  metadataUrl: "METADATA_URL",
  /** What `/health` looks at, comma-separated. */
  healthChecks: "HEALTH_CHECKS",
  /** Milliseconds of event-loop delay from which new generation requests are refused. */
  shedEventLoopMs: "SHED_EVENT_LOOP_MS",
  /** OTLP/HTTP collector of traces, as OpenTelemetry names it. */
  otlpEndpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
} as const;

/** vLLM's own variable that opens the routes loading adapters at run time, where it is `1`; the simulator takes it too. */
export const RUNTIME_LORA_VARIABLE = "VLLM_ALLOW_RUNTIME_LORA_UPDATING";

/** Folder on an engine's disk that shows the buckets of adapters, one subfolder a bucket: `gs://b/p` is `ADAPTER_MOUNT/b/p`. */
export const ADAPTER_MOUNT = "/models/adapters";

/** `system_fingerprint` of every answer that the simulator gives, by which the gateway marks its own as simulated. */
export const SIMULATOR_FINGERPRINT = "terrace-simulator";

/** What a bearer token's owner may do; `admin` includes `service`. */
export const SERVICE_ROLES = ["service", "admin"] as const;

/** The gateway's record of a bearer token, which holds no token. */
export interface ServiceToken {
  readonly name: string;
  readonly role: (typeof SERVICE_ROLES)[number];
  /** SHA-256 of the token: of a random one, so anybody may read it. */
  readonly sha256: string;
}

/** What the parts of an item of `SERVICE_TOKENS` match. */
export const SERVICE_TOKEN_PARTS = { name: /^[a-z0-9-]{1,64}$/, sha256: /^[0-9a-f]{64}$/ } as const;

/** An item of `SERVICE_TOKENS`: `name:role=sha256`. */
export function serviceTokenItem({ name, role, sha256 }: ServiceToken): string {
  return `${name}:${role}=${sha256}`;
}

/** Reads what {@link serviceTokenItem} writes. @returns undefined where the text is no such item */
export function readServiceTokenItem(item: string): ServiceToken | undefined {
  const [, name = "", roleName, sha256 = ""] = /^([^:]*):([^=]*)=(.*)$/.exec(item) ?? [];
  const role = SERVICE_ROLES.find((known) => known === roleName);
  const valid = SERVICE_TOKEN_PARTS.name.test(name) && SERVICE_TOKEN_PARTS.sha256.test(sha256);
  return valid && role !== undefined ? { name, role, sha256 } : undefined;
}

/** `interactive`: a person waits for it. `batch`: none does; it uses what interactive requests leave. */
export const REQUEST_CLASSES = ["interactive", "batch"] as const;

/** A generation task, for both sides. */
interface TaskRow {
  /** What it serves, as in the settings' reference. */
  readonly about: string;
  /** Path of its `POST` route. */
  readonly path: string;
  /** Other paths of the same handler. */
  readonly aliases: readonly string[];
  /** Class of routes in the settings, see {@link RouteClass}: its model, its groups of machines, its backend service. */
  readonly routeClass: string;
  /** Task whose entry in `MODEL_TABLE` answers where this one has none; itself: the entry is required. */
  readonly modelOf: string;
  /** Variable of the requests waiting for its model from which the fallback answers; null: their number sends nobody there. */
  readonly fallbackQueue: keyof typeof ENV | null;
  /** Class of its requests where the header `X-Request-Class` names none. */
  readonly requestClass: (typeof REQUEST_CLASSES)[number];
  /** Whether a body with `"stream": true` is answered by server-sent events. */
  readonly streamed: boolean;
  /** Whether a chain answers it, so that its stages are measured. */
  readonly chained: boolean;
  /** Whether a LoRA adapter may be due for it. */
  readonly adapted: boolean;
  /** Whether its handler logs one line a request, in the place of Fastify's two. */
  readonly ownLogLine: boolean;
}

/**
 * The generation tasks. Routes, metrics, objectives, alerts, model tables, settings, URL maps and load are derived from
 * these rows. A new task is a row, a folder `app/src/tasks/<name>/`, and what the compiler then requires:
 * - its routes in `app/src/gateway/task-routes.ts`,
 * - a body and a weight in `tools/load/errands.ts`, and a body in `app/test/support/bodies.ts`,
 * - for a new route class, its model and groups in each of `settings/environments/`.
 *
 * `npm run docs:settings` and `docs:variables` write the pages. test/e2e/planted-task.test.ts compiles a planted row.
 */
export const TASKS = {
  /** Its alias is the name of R-38. */
  til: {
    about: "TIL generation",
    path: "/til",
    aliases: ["/generate_til"],
    routeClass: "til",
    modelOf: "til",
    fallbackQueue: null,
    requestClass: "interactive",
    streamed: true,
    chained: true,
    adapted: true,
    ownLogLine: false,
  },
  news: {
    about: "News summaries",
    path: "/news",
    aliases: [],
    routeClass: "news",
    modelOf: "news",
    fallbackQueue: null,
    requestClass: "interactive",
    streamed: true,
    chained: false,
    adapted: true,
    ownLogLine: false,
  },
  interview: {
    about: "Interview questions",
    path: "/interview",
    aliases: [],
    routeClass: "interview",
    modelOf: "interview",
    fallbackQueue: "interviewFallbackQueue",
    requestClass: "interactive",
    streamed: false,
    chained: true,
    adapted: true,
    ownLogLine: false,
  },
  /** Streamed unless the body says `"stream": false`; under its alias by OpenAI's default, only with `"stream": true`. */
  chat: {
    about: "Chat",
    path: "/api/chat",
    aliases: ["/api/chat/completions"],
    routeClass: "api",
    modelOf: "til",
    fallbackQueue: null,
    requestClass: "interactive",
    streamed: true,
    chained: false,
    adapted: false,
    ownLogLine: true,
  },
} as const satisfies Readonly<Record<string, TaskRow>>;

/** A generation task. `MODEL_TABLE` sets which model answers it. */
export type Task = keyof typeof TASKS;

/** A task whose row has the trait. */
export type TaskThatIs<Trait extends "chained" | "adapted"> = {
  [T in Task]: (typeof TASKS)[T][Trait] extends true ? T : never;
}[Task];

/** A task that `MODEL_TABLE` must have an entry of. */
export type RequiredTask = { [T in Task]: (typeof TASKS)[T]["modelOf"] extends T ? T : never }[Task];

export type OptionalTask = Exclude<Task, RequiredTask>;

/** A class of routes: one backend service, one model, and the groups of machines that serve it. */
export type RouteClass = (typeof TASKS)[Task]["routeClass"];

export function isTask(name: string): name is Task {
  return Object.hasOwn(TASKS, name);
}

/** Every task, in the order of the table. */
export const TASK_NAMES: readonly Task[] = Object.keys(TASKS).filter(isTask);

/** Paths of every task, aliases among them: what users wait for. */
export const TASK_PATHS: readonly string[] = TASK_NAMES.flatMap(pathsOf);

/** Every route class, in the order of its first task. */
export const ROUTE_CLASSES: readonly RouteClass[] = [...new Set(TASK_NAMES.map((task) => TASKS[task].routeClass))];

/** The class of everything that no other one has paths of. */
export const DEFAULT_ROUTE_CLASS: RouteClass = "api";

/** Below it lies the default class, also what is no task: administration, the list of models. */
const DEFAULT_CLASS_PREFIX = "/api";

/** Tasks that `MODEL_TABLE` must have an entry of, and those that it may leave out. */
export const REQUIRED_TASKS: readonly RequiredTask[] = TASK_NAMES.filter(isRequired);
export const OPTIONAL_TASKS: readonly OptionalTask[] = TASK_NAMES.filter((task) => !isRequired(task));

function isRequired(task: Task): task is RequiredTask {
  return TASKS[task].modelOf === task;
}

/** A task's own path, then its aliases. */
export function pathsOf(task: Task): readonly string[] {
  return [TASKS[task].path, ...TASKS[task].aliases];
}

/** Tasks of a class, in the order of the table. */
export function tasksOf(routeClass: RouteClass): readonly Task[] {
  return TASK_NAMES.filter((task) => TASKS[task].routeClass === routeClass);
}

/** Paths of a route class as a URL map is given them: `/til`, or `/api/*` with all below. */
export function routePathsOf(routeClass: RouteClass): string[] {
  const paths = tasksOf(routeClass).flatMap(pathsOf);
  if (routeClass !== DEFAULT_ROUTE_CLASS) return paths;
  return [`${DEFAULT_CLASS_PREFIX}/*`, ...paths.filter((path) => !path.startsWith(`${DEFAULT_CLASS_PREFIX}/`))];
}

/** A table with a value for each name. @param names every `Name`: the type cannot say that none is left out */
export function tableOf<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Readonly<Record<Name, Value>>;
export function tableOf(names: readonly string[], value: (name: string) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/** Where one task's answers come from. */
export interface ModelTableEntry {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** Model name as the engine serves it. */
  readonly model: string;
  /** Most requests in flight to each engine of this model from this gateway; further ones wait for a place. */
  readonly concurrency: number;
  /**
   * `dns`: every address of `baseUrl`'s host is an engine of its own, looked up again every few seconds: a headless
   * Service. @default the URL is one engine
   */
  readonly discovery?: "static" | "dns";
  /** Tokens that prompt and answer may take together. @default the engine's own `max_model_len` */
  readonly contextTokens?: number;
  /** The task whose model answers where this one cannot. @default nobody */
  readonly fallback?: Task;
}

/** Names of the metrics that the gateway exposes on `/metrics`, with Prometheus' own unit suffixes. */
export const METRICS = {
  requests: "gateway_requests_total",
  requestDuration: "gateway_request_duration_seconds",
  ttft: "gateway_ttft_seconds",
  inFlight: "gateway_in_flight_requests",
  rejected: "gateway_rejected_requests_total",
  ready: "gateway_ready",
  /** Requests waiting in the scheduler. Labels: model. */
  queueLength: "gateway_queue_length",
  /** Seconds in the scheduler's queue. Labels: model, class. */
  queueWait: "gateway_queue_wait_seconds",
  /** Seconds between an answer's tokens, after the first. Labels: task, model. */
  tpot: "gateway_tpot_seconds",
  /** Labels: model, kind (`prompt` or `completion`). */
  tokens: "gateway_tokens_total",
  /** Completion tokens of requests that met the TTFT target. Labels: model. */
  goodputTokens: "gateway_goodput_tokens_total",
  /** Labels: task, met (`true` or `false`): whether the TTFT target was met. */
  slaRequests: "gateway_sla_requests_total",
  /** 1 while an engine endpoint takes requests. Labels: model, endpoint. */
  endpointUp: "gateway_endpoint_up",
  /** Labels: model, reason. */
  engineRetries: "gateway_engine_retries_total",
  /** Labels: result (`loaded`, `failed`, `unloaded`). */
  adapterLoads: "gateway_adapter_loads_total",
  /** Answers of the base model in an adapter's place. Labels: task, reason. */
  adapterFallbacks: "gateway_adapter_fallbacks_total",
  /** Labels: route, result (`hit`, `miss`, `bypass`). */
  cacheRequests: "gateway_cache_requests_total",
  /** Labels: task, stage (`retrieve`, `prompt`, `generate`). */
  stageDuration: "gateway_stage_duration_seconds",
  stageErrors: "gateway_stage_errors_total",
  /** 1 while it answers. Labels: dependency (`engine`, `postgresql`, `redis`, `vectors`). */
  dependencyUp: "gateway_dependency_up",
  degraded: "gateway_degraded",
  /** 1 once the machine got its notice of preemption. */
  preempted: "gateway_preempted",
  /**
   * What became of the requests that were in flight when draining began, or taken while it lasted. Labels: outcome
   * (`completed`; `lost` where the server failed or cut them; `left` where the client went away).
   */
  drainRequests: "gateway_drain_requests_total",
  /** Distinct callers in the last five minutes. */
  activeUsers: "gateway_active_users",
  /** Unix seconds of the last backup that was verified. Labels: kind (`database`, `vectors`). Absent until there is one. */
  lastBackup: "gateway_last_backup_timestamp_seconds",
  /** Over the last minute, for autoscalers that cannot compute quantiles or rates: 0 without traffic. Labels: none. */
  recentTtftP95: "gateway_recent_ttft_p95_seconds",
  recentTpot: "gateway_recent_tpot_seconds",
  recentTokensPerSecond: "gateway_recent_tokens_per_second",
  /** Requests that wait in the scheduler and in the engines. */
  pendingRequests: "gateway_pending_requests",
} as const;

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
