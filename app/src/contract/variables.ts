/** Part of the contract: names of environment variables. */

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

  /** `name:role:users=sha256` of each bearer token, comma-separated. Hashes of random tokens: no secret. */
  serviceTokens: "SERVICE_TOKENS",

  /** Origins whose pages in a browser may call the gateway, comma-separated; none by default. */
  corsOrigins: "CORS_ORIGINS",

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
