import { NAMESPACES } from "../../planning/names";
import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { ENGINE_METRICS } from "../metrics/engine-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { NODE_METRICS } from "../metrics/node-metrics";
import { absent, avgOverTime, max, minOverTime, rate, sum } from "../promql/functions";
import { above, operate, or } from "../promql/operators";
import { BY_TARGET, type Matchers, select } from "../promql/select";
import { type Alert, WHERE } from "../rules/alert";

const { kvCacheUsage, preemptions, running } = ENGINE_METRICS;
const { endpointUp } = GATEWAY_METRICS;

/** Share of the KV cache from which the next long prompt throws another request out. */
const KV_CACHE_LIMIT = 0.95;
/** Requests a minute that lose their place in the cache: each is computed again from its first token. */
const PREEMPTIONS_PER_MINUTE = 1;

/** Each VM's gateway uses the engine beside it, under the same address as every other one its own. */
const LOOPBACK = "(127\\.0\\.0\\.1|localhost)(:.*)?";
/** Init container that fetches weights. Source: charts/llm-serving/templates/_engine.tpl. */
const WEIGHTS = { namespace: NAMESPACES.serving, container: "weights" };

/**
 * Endpoints whose circuit was open within the last minute. An open circuit lets a request through after 30 s, and counts
 * as usable while it waits for one, so that the gauge of a dead engine goes up and down.
 */
const wasOpen = (matchers: Matchers<typeof endpointUp>, by: readonly string[]) =>
  operate(max(minOverTime(select(endpointUp, matchers), "1m"), by), "==", 0);

const engine = (name: string, more = "") =>
  `${name}{job="vllm", instance="llm-vm-1", model_name="gemma", engine="0"${more}}`;
const endpoint = (address: string) =>
  `${endpointUp.name}{job="gateway", instance="llm-vm-1", model="gemma", endpoint="${address}"}`;
const otherVm = (address: string) => endpoint(address).replace("llm-vm-1", "llm-vm-2");
const weightsOf = (pod: string) =>
  `kube_pod_init_container_status_running{job="kube-state-metrics", namespace="llm-serving", pod="${pod}", container="weights"}`;

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
          when: "full for nine minutes",
          at: "30m",
          series: { [engine("vllm:kv_cache_usage_perc")]: "0.6x5 1x9 0.6x20" },
        },
        { when: "at 90 %", at: "30m", series: { [engine("vllm:kv_cache_usage_perc")]: "0.9x35" } },
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
          when: "three in two minutes",
          at: "20m",
          series: { [engine("vllm:num_preemptions_total")]: "0+1.5x25" },
          fires: [{ model_name: "gemma", instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        { when: "eight at once", at: "20m", series: { [engine("vllm:num_preemptions_total")]: "0x5 8x20" } },
        { when: "two in three minutes", at: "30m", series: { [engine("vllm:num_preemptions_total")]: "0+0.7x35" } },
      ],
    },
  },
  {
    name: "EndpointDown",
    severity: "warning",
    subject: "engine",
    condition: or(
      wasOpen({ endpoint: { notRegex: LOOPBACK } }, ["model", "endpoint"]),
      wasOpen({ endpoint: { regex: LOOPBACK } }, ["model", "endpoint", ...BY_TARGET]),
    ),
    for: "2m",
    summary: "{{ $labels.model }}: the engine at {{ or $labels.instance $labels.endpoint }} fails",
    description:
      "No gateway that should use it can: it failed five times in a row, and again when it was tried. Others carry its share.",
    examples: {
      firing: [
        {
          when: "one of two is gone",
          at: "5m",
          series: { [endpoint("10.0.0.2:8100")]: "1 0x10", [endpoint("10.0.0.3:8100")]: "1x12" },
          fires: [{ model: "gemma", endpoint: "10.0.0.2:8100" }],
        },
        {
          when: "a VM's own engine is gone, and the other VM has one under the same address",
          at: "5m",
          series: { [endpoint("127.0.0.1:8100")]: "1 0x10", [otherVm("127.0.0.1:8100")]: "1x12" },
          fires: [{ model: "gemma", endpoint: "127.0.0.1:8100", instance: "llm-vm-1" }],
        },
        {
          when: "it is tried again every half minute",
          every: "15s",
          at: "5m",
          series: { [endpoint("10.0.0.2:8100")]: "1 0 0 1 0 0 1 0 0 1 0 0 1 0 0 1 0 0 1 0 0 1 0" },
          fires: [{ model: "gemma", endpoint: "10.0.0.2:8100" }],
        },
      ],
      quiet: [
        {
          when: "it was back when it was tried again",
          every: "15s",
          at: "3m",
          series: { [endpoint("10.0.0.2:8100")]: "1 0 0 1x20" },
        },
      ],
    },
  },
  {
    name: "ModelUnavailable",
    severity: "critical",
    subject: "service",
    condition: wasOpen({}, ["model"]),
    for: "2m",
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
          when: "the only one was tried again, and is back",
          every: "15s",
          at: "5m",
          series: { [endpoint("10.0.0.2:8100")]: "1 0 0 1x20" },
        },
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
        {
          when: "three scrapes are missing",
          at: "15m",
          series: { [engine("vllm:num_requests_running")]: "3x3 stale _x2 3x10" },
        },
      ],
    },
  },
  {
    name: "ModelDownloadFailed",
    severity: "critical",
    subject: "engine",
    // The script that fetches never gives up, so nothing ever fails: it only does not end.
    condition: or(
      operate(max(select(NODE_METRICS.modelReady), ["instance", "model"]), "==", 0),
      above(max(select(CLUSTER_METRICS.initContainerRunning, WEIGHTS), ["pod"]), 0),
    ),
    for: "10m",
    summary: `Weights do not arrive on ${WHERE}`,
    description:
      "The bucket refuses, the object is missing, or its checksum is wrong. The engine cannot start. The log names the object, and the role that is missing.",
    examples: {
      firing: [
        {
          when: "a VM has been fetching for twenty minutes",
          at: "20m",
          series: { 'terrace_model_ready{job="node", instance="llm-vm-1", model="gemma"}': "0x25" },
          fires: [{ instance: "llm-vm-1", model: "gemma" }],
        },
        {
          when: "a pod has been fetching for twenty minutes",
          at: "20m",
          series: { [weightsOf("engine-0-blue-abc")]: "1x25" },
          fires: [{ pod: "engine-0-blue-abc" }],
        },
      ],
      quiet: [
        {
          when: "complete after four minutes",
          at: "20m",
          series: {
            'terrace_model_ready{job="node", instance="llm-vm-1", model="gemma"}': "0x4 1x20",
            [weightsOf("engine-0-blue-abc")]: "0 1x4 0x20",
          },
        },
      ],
    },
  },
];
