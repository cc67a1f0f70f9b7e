import { counter, gauge, histogram } from "./metric";

const emitter = "vllm";
const labels = ["model_name", "engine"] as const;

/**
 * vLLM 0.33's own metrics, as far as rules and dashboards read them. Counters end in `_total`: an alert on
 * `vllm:num_preemptions` never fires. Source: vLLM's metrics page, https://docs.vllm.ai/en/stable/usage/metrics/
 */
export const ENGINE_METRICS = {
  running: gauge({
    name: "vllm:num_requests_running",
    unit: "requests",
    labels,
    emitter,
    help: "Requests on the GPU.",
  }),
  waiting: gauge({ name: "vllm:num_requests_waiting", unit: "requests", labels, emitter, help: "Requests that wait." }),
  waitingByReason: gauge({
    name: "vllm:num_requests_waiting_by_reason",
    unit: "requests",
    labels: [...labels, "reason"],
    emitter,
    help: "Requests that wait for room (`capacity`) or for a LoRA adapter (`deferred`).",
  }),
  kvCacheUsage: gauge({
    name: "vllm:kv_cache_usage_perc",
    unit: "ratio",
    labels,
    emitter,
    help: "Share of the KV cache that is taken, 0 to 1 in spite of its name.",
  }),
  preemptions: counter({
    name: "vllm:num_preemptions_total",
    unit: "total",
    labels,
    emitter,
    help: "Requests thrown out of the KV cache and begun again.",
  }),
  prefixCacheHits: counter({
    name: "vllm:prefix_cache_hits_total",
    unit: "tokens",
    labels,
    emitter,
    help: "Prompt tokens found in the prefix cache.",
  }),
  prefixCacheQueries: counter({
    name: "vllm:prefix_cache_queries_total",
    unit: "tokens",
    labels,
    emitter,
    help: "Prompt tokens looked for in the prefix cache.",
  }),
  promptTokens: counter({ name: "vllm:prompt_tokens_total", unit: "tokens", labels, emitter, help: "Tokens read." }),
  generationTokens: counter({
    name: "vllm:generation_tokens_total",
    unit: "tokens",
    labels,
    emitter,
    help: "Tokens written.",
  }),
  requestSuccess: counter({
    name: "vllm:request_success_total",
    unit: "requests",
    labels: [...labels, "finished_reason"],
    emitter,
    help: "Finished requests by reason.",
  }),
  ttft: histogram({
    name: "vllm:time_to_first_token_seconds",
    unit: "seconds",
    labels,
    bounds: [],
    emitter,
    help: "Time to first token, seen by the engine.",
  }),
  interTokenLatency: histogram({
    name: "vllm:inter_token_latency_seconds",
    unit: "seconds",
    labels,
    bounds: [],
    emitter,
    help: "Time between two tokens.",
  }),
  queueTime: histogram({
    name: "vllm:request_queue_time_seconds",
    unit: "seconds",
    labels,
    bounds: [],
    emitter,
    help: "Time in the engine's own queue.",
  }),
  prefillTime: histogram({
    name: "vllm:request_prefill_time_seconds",
    unit: "seconds",
    labels,
    bounds: [],
    emitter,
    help: "Time of the prefill.",
  }),
} as const;
