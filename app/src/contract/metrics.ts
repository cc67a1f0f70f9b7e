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
