import { coldStartBudget } from "../../planning/cold-start";
import { isModelName, MODELS } from "../../planning/models";
import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { ENGINE_METRICS } from "../metrics/engine-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { NODE_METRICS } from "../metrics/node-metrics";
import { absent, avgOverTime, type Duration, max, rate, sum } from "../promql/functions";
import { above, operate, or } from "../promql/operators";
import { BY_TARGET, select } from "../promql/select";
import type { Alert } from "./alert";

const { kvCacheUsage, preemptions, running } = ENGINE_METRICS;
const { endpointUp, ready } = GATEWAY_METRICS;

/** Share of the KV cache from which the next long prompt throws another request out. */
const KV_CACHE_LIMIT = 0.95;
/** Requests a minute that lose their place in the cache: each is computed again from its first token. */
const PREEMPTIONS_PER_MINUTE = 1;

/** The slowest model's whole cold start, in minutes, rounded up. Source: planning/cold-start.ts. */
const coldStartMinutes = Math.ceil(
  Math.max(
    ...Object.keys(MODELS)
      .filter(isModelName)
      .map((model) => coldStartBudget(model).totalSeconds),
  ) / 60,
);
const COLD_START: Duration = `${coldStartMinutes}m`;

const engine = (name: string, more = "") =>
  `${name}{job="vllm", instance="llm-vm-1", model_name="gemma", engine="0"${more}}`;
const endpoint = (address: string) =>
  `gateway_endpoint_up{job="gateway", instance="llm-vm-1", model="gemma", endpoint="${address}"}`;
const waitingPod = (reason: string) =>
  `kube_pod_init_container_status_waiting_reason{namespace="llm-serving", pod="engine-0-abc", container="models", reason="${reason}"}`;

export const ENGINE_ALERTS: readonly Alert[] = [
  {
    name: "KvCacheFull",
    severity: "warning",
    subject: "engine",
    condition: above(max(avgOverTime(select(kvCacheUsage), "5m"), ["model_name", ...BY_TARGET]), KV_CACHE_LIMIT),
    for: "10m",
    summary: "{{ $labels.model_name }}: the KV cache is full",
    description: "The engine holds as many tokens as its memory takes. Requests wait, and long ones throw others out.",
    examples: {
      firing: [
        {
          when: "at 98 % for twenty minutes",
          at: "20m",
          series: { [engine("vllm:kv_cache_usage_perc")]: "0.98x25" },
          fires: [{ model_name: "gemma", instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "at 98 % for three minutes",
          at: "20m",
          series: { [engine("vllm:kv_cache_usage_perc")]: "0.5x10 0.98x3 0.6x10" },
        },
      ],
    },
  },
  {
    name: "EnginePreemptions",
    severity: "warning",
    subject: "engine",
    condition: above(
      operate(sum(rate(select(preemptions), "5m"), ["model_name", ...BY_TARGET]), "*", 60),
      PREEMPTIONS_PER_MINUTE,
    ),
    for: "10m",
    summary: "{{ $labels.model_name }}: requests are thrown out of the KV cache",
    description:
      "More sequences run than the cache holds, so work is done twice. Fewer places (`--max-num-seqs`) or shorter contexts help; see docs/capacity.md.",
    examples: {
      firing: [
        {
          when: "three a minute",
          at: "20m",
          series: { [engine("vllm:num_preemptions_total")]: "0+3x25" },
          fires: [{ model_name: "gemma", instance: "llm-vm-1" }],
        },
      ],
      quiet: [{ when: "two in all", at: "20m", series: { [engine("vllm:num_preemptions_total")]: "0x5 2x20" } }],
    },
  },
  {
    name: "EndpointDown",
    severity: "warning",
    subject: "engine",
    condition: operate(max(select(endpointUp), ["model", "endpoint"]), "==", 0),
    for: "2m",
    summary: "{{ $labels.model }}: no gateway can use the engine at {{ $labels.endpoint }}",
    description: "Its circuit is open: it failed five times in a row. Others carry its share.",
    examples: {
      firing: [
        {
          when: "one of two is gone",
          at: "5m",
          series: { [endpoint("10.0.0.2:8100")]: "1 0x10", [endpoint("10.0.0.3:8100")]: "1x12" },
          fires: [{ model: "gemma", endpoint: "10.0.0.2:8100" }],
        },
      ],
      quiet: [{ when: "it is back within a minute", at: "5m", series: { [endpoint("10.0.0.2:8100")]: "1 0 1x10" } }],
    },
  },
  {
    name: "ModelUnavailable",
    severity: "critical",
    subject: "service",
    condition: operate(max(select(endpointUp), ["model"]), "==", 0),
    for: "1m",
    summary: "{{ $labels.model }}: no engine answers",
    description: "Every request to this model is refused with 503, or answered by its fallback model.",
    examples: {
      firing: [
        {
          when: "both are gone",
          at: "5m",
          series: { [endpoint("10.0.0.2:8100")]: "1 0x10", [endpoint("10.0.0.3:8100")]: "1 0x10" },
          fires: [{ model: "gemma" }],
        },
      ],
      quiet: [
        {
          when: "one of two is left",
          at: "5m",
          series: { [endpoint("10.0.0.2:8100")]: "0x10", [endpoint("10.0.0.3:8100")]: "1x10" },
        },
      ],
    },
  },
  {
    name: "EngineMetricsAbsent",
    severity: "critical",
    subject: "engine",
    condition: absent(select(running)),
    for: "5m",
    summary: "No engine reports anything",
    description: "Either no engine runs, or its metrics do not arrive; alerts about engines and autoscaling are blind.",
    examples: {
      firing: [
        {
          when: "the series ends",
          at: "15m",
          series: { [engine("vllm:num_requests_running")]: "3x2 stale" },
          fires: [{}],
        },
      ],
      quiet: [
        { when: "one engine of two reports", at: "15m", series: { [engine("vllm:num_requests_running")]: "3x20" } },
      ],
    },
  },
  {
    name: "ColdStartOverBudget",
    severity: "warning",
    subject: "gateway",
    condition: operate(max(select(ready), BY_TARGET), "==", 0),
    for: COLD_START,
    summary: `{{ $labels.instance }} is not ready after ${coldStartMinutes} minutes`,
    description:
      "A start takes longer than node, image, weights and compilation together should. /health says what it waits for.",
    examples: {
      firing: [
        {
          when: "not ready for half an hour",
          at: "30m",
          series: { 'gateway_ready{job="gateway", instance="llm-vm-1"}': "0x40" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "ready after eight minutes",
          at: "30m",
          series: { 'gateway_ready{job="gateway", instance="llm-vm-1"}': "0x8 1x40" },
        },
      ],
    },
  },
  {
    name: "ModelDownloadFailed",
    severity: "critical",
    subject: "engine",
    condition: or(
      operate(max(select(NODE_METRICS.modelReady), ["instance", "model"]), "==", 0),
      above(
        max(
          select(CLUSTER_METRICS.initContainerWaiting, {
            reason: { regex: "CrashLoopBackOff|Error" },
            namespace: "llm-serving",
          }),
          ["pod", "container"],
        ),
        0,
      ),
    ),
    for: "10m",
    summary: "Weights do not arrive on {{ $labels.instance }}{{ $labels.pod }}",
    description:
      "The bucket refuses, the object is missing, or its checksum is wrong. The engine cannot start. The boot log names the object and the role that is missing.",
    examples: {
      firing: [
        {
          when: "a VM has been fetching for twenty minutes",
          at: "20m",
          series: { 'terrace_model_ready{job="node", instance="llm-vm-1", model="gemma"}': "0x25" },
          fires: [{ instance: "llm-vm-1", model: "gemma" }],
        },
        {
          when: "a pod's init container fails again and again",
          at: "20m",
          series: { [waitingPod("CrashLoopBackOff")]: "1x25" },
          fires: [{ pod: "engine-0-abc", container: "models" }],
        },
      ],
      quiet: [
        {
          when: "complete after four minutes",
          at: "20m",
          series: {
            'terrace_model_ready{job="node", instance="llm-vm-1", model="gemma"}': "0x4 1x20",
            [waitingPod("PodInitializing")]: "1x25",
          },
        },
      ],
    },
  },
];
