/** In Cloud Monitoring every series costs: what autoscalers read, and a heartbeat. Names: R-89; the last is ours. */

export interface CustomMetric {
  readonly type: string;
  /** Unit by https://ucum.org, as Cloud Monitoring has it. */
  readonly unit: string;
  readonly description: string;
  /** Labels beside those of the machine or cluster, and what each holds. */
  readonly labels: Readonly<Record<string, string>>;
}

const DOMAIN = "custom.googleapis.com";

const metric = (
  name: string,
  unit: string,
  description: string,
  labels: CustomMetric["labels"] = {},
): CustomMetric => ({ type: `${DOMAIN}/${name}`, unit, description, labels });

/** One series each for a machine (`gce_instance`) and a cluster (`k8s_cluster`), where TTFT is by model. */
export const CUSTOM_METRICS = {
  gpuUsage: metric("gpu/usage_percent", "%", "Use of the machine's busiest GPU; in a cluster the mean of all."),
  gpuMemoryUsed: metric("gpu/memory_used_gb", "GBy", "Memory in use on all GPUs, billions of bytes."),
  ttftP95: metric("vllm/ttft_p95_ms", "ms", "95th percentile of the time to the first token; 0 without traffic.", {
    model_name: "Model, in a cluster; empty for a machine, which reports all its models together.",
  }),
  tokensPerSecond: metric("vllm/tps", "{token}/s", "Tokens written a second."),
  tpot: metric("vllm/tpot_ms", "ms", "Mean time per output token, after the first; 0 without traffic."),
  queueLength: metric("queue/length", "{request}", "Requests that wait in the gateways' schedulers."),
  pendingRequests: metric("queue/pending_requests", "{request}", "Requests that wait in schedulers and engines."),
  /** The monitoring's own: its always-firing alert is counted, so 0 or no value means that no alert would be sent. */
  heartbeat: metric(
    "monitoring/active_alerts",
    "{alert}",
    "Alerts that Alertmanager holds, one that always fires included.",
  ),
} as const satisfies Readonly<Record<string, CustomMetric>>;

export type CustomMetricName = keyof typeof CUSTOM_METRICS;

/** As Google's metrics adapter spells a name: `|` for `/`. */
export function adapterSpelling({ type }: CustomMetric): string {
  return type.replaceAll("/", "|");
}
