import { TASKS } from "../../app/src/contract/tasks";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { histogramQuantile, increase, observationRate, rate, sum } from "../promql/functions";
import { above, and, divide } from "../promql/operators";
import { select } from "../promql/select";
import type { Alert } from "../rules/alert";
import { TTFT_TARGET_SECONDS, USER_ROUTES } from "../slo/objective";

const { requests, rejected, ttft, queueLength, adapterFallbacks } = GATEWAY_METRICS;

/** Share of server errors. Source: R-101. */
const ERROR_SHARE = 0.01;
/** Share of requests that may be refused: the queue is bounded so that this can happen, but not often. */
const REFUSED_SHARE = 0.05;
/** Requests a second from which a share is significant: 30 in five minutes. */
const REQUESTS_THAT_COUNT = 0.1;
/** Source: R-88. */
const QUEUE_LIMIT = 100;
/** Answers without their adapter in ten minutes: one is a race with a restart, ten are a broken adapter. */
const FALLBACK_LIMIT = 10;

const requestRate = sum(rate(select(requests, { route: USER_ROUTES }), "5m"), ["route"]);
const enoughRequests = above(requestRate, REQUESTS_THAT_COUNT);

const gatewaySeries = (name: string, labels: string) => `${name}{job="gateway", instance="llm-vm-1", ${labels}}`;
const ttftSeries = (underTarget: string, all: string) => {
  const labels = 'task="til", model="gemma"';
  return {
    [gatewaySeries(`${ttft.name}_count`, labels)]: all,
    [gatewaySeries(`${ttft.name}_bucket`, `${labels}, le="2"`)]: underTarget,
    [gatewaySeries(`${ttft.name}_bucket`, `${labels}, le="5"`)]: all,
    [gatewaySeries(`${ttft.name}_bucket`, `${labels}, le="+Inf"`)]: all,
  };
};
const ROUTE = `route="${TASKS.til.path}"`;
const requestSeries = (ok: string, failed: string) => ({
  [gatewaySeries(requests.name, `${ROUTE}, method="POST", status="200"`)]: ok,
  [gatewaySeries(requests.name, `${ROUTE}, method="POST", status="503"`)]: failed,
});
const REFUSED = gatewaySeries(rejected.name, `${ROUTE}, reason="QUEUE_FULL"`);
const QUEUE = gatewaySeries(queueLength.name, 'model="gemma"');
const FALLBACKS = gatewaySeries(adapterFallbacks.name, 'task="til", reason="not_loaded"');

/** What users notice, by cause. The error budgets measure how much it matters. */
export const SERVICE_ALERTS: readonly Alert[] = [
  {
    name: "SlowFirstToken",
    severity: "warning",
    subject: "service",
    condition: and(
      above(histogramQuantile(0.95, ttft, { by: ["task"], window: "5m" }), TTFT_TARGET_SECONDS),
      above(sum(observationRate(ttft, "5m"), ["task"]), REQUESTS_THAT_COUNT),
    ),
    for: "5m",
    summary: "{{ $labels.task }}: the 95th percentile of the first token is above 2 s",
    description:
      "Users wait before they see anything. Look whether requests wait in the scheduler (queue), in the engine (KV cache, preemptions) or in a long prefill.",
    examples: {
      firing: [
        {
          when: "8 % of nine answers a minute begin after 2 s",
          at: "15m",
          series: ttftSeries("0+8.28x20", "0+9x20"),
          fires: [{ task: "til" }],
        },
      ],
      quiet: [
        { when: "all begin within 2 s", at: "15m", series: ttftSeries("0+60x20", "0+60x20") },
        { when: "nobody asks", at: "15m", series: ttftSeries("0x20", "0x20") },
        { when: "half of four answers a minute are late", at: "15m", series: ttftSeries("0+2x20", "0+4x20") },
        { when: "one minute's were late", at: "15m", series: ttftSeries("0+60x5 301x10", "0+60x5 360x10") },
      ],
    },
  },
  {
    name: "ServerErrors",
    severity: "warning",
    subject: "service",
    condition: and(
      above(
        divide(
          sum(rate(select(requests, { route: USER_ROUTES, status: { regex: "5.." } }), "5m"), ["route"]),
          requestRate,
        ),
        ERROR_SHARE,
      ),
      enoughRequests,
    ),
    for: "5m",
    summary: "{{ $labels.route }}: more than 1 % of the answers are server errors",
    description:
      "Requests fail. Look at the statuses by route: 502 is an engine's bad answer, 503 no engine, a store or draining, 504 a deadline.",
    examples: {
      firing: [
        {
          when: "1.5 % of nine a minute fail",
          at: "15m",
          series: requestSeries("0+8.865x20", "0+0.135x20"),
          fires: [{ route: TASKS.til.path }],
        },
      ],
      quiet: [
        { when: "0.7 % fail", at: "15m", series: requestSeries("0+993x20", "0+7x20") },
        { when: "half of four a minute fail", at: "15m", series: requestSeries("0+2x20", "0+2x20") },
        { when: "one minute's fail", at: "15m", series: requestSeries("0+60x15", "0x5 60x10") },
      ],
    },
  },
  {
    name: "RequestsRefused",
    severity: "warning",
    subject: "service",
    condition: and(
      above(divide(sum(rate(select(rejected), "5m"), ["route"]), requestRate), REFUSED_SHARE),
      enoughRequests,
    ),
    for: "5m",
    summary: "{{ $labels.route }}: more than 5 % of the requests are refused",
    description:
      "Clients get 429 or 503 with `Retry-After`. No objective counts a 429. The label `reason` says whether queues are full, engines are gone or a machine drains.",
    examples: {
      firing: [
        {
          when: "8 % of nine a minute are refused",
          at: "15m",
          series: { ...requestSeries("0+9x20", "0x20"), [REFUSED]: "0+0.72x20" },
          fires: [{ route: TASKS.til.path }],
        },
      ],
      quiet: [
        {
          when: "3 % are refused",
          at: "15m",
          series: { ...requestSeries("0+100x20", "0x20"), [REFUSED]: "0+3x20" },
        },
        {
          when: "half of four a minute are refused",
          at: "15m",
          series: { ...requestSeries("0+4x20", "0x20"), [REFUSED]: "0+2x20" },
        },
        {
          when: "one minute's are refused",
          at: "15m",
          series: { ...requestSeries("0+60x15", "0x20"), [REFUSED]: "0x5 60x10" },
        },
      ],
    },
  },
  {
    name: "QueueLong",
    severity: "warning",
    subject: "service",
    condition: above(sum(select(queueLength), ["model"]), QUEUE_LIMIT),
    for: "3m",
    summary: "{{ $labels.model }}: more than 100 requests wait",
    description:
      "Demand is above what the engines carry. Autoscaling should be adding engines; where it is at its maximum, or there is none, more requests will be refused with 429.",
    examples: {
      firing: [
        {
          when: "150 wait",
          at: "5m",
          series: { [QUEUE]: "150x10" },
          fires: [{ model: "gemma" }],
        },
      ],
      quiet: [
        {
          when: "80 wait",
          at: "5m",
          series: { [QUEUE]: "80x10" },
        },
        {
          when: "a burst of 150 is gone after two minutes",
          at: "5m",
          series: { [QUEUE]: "0 150 150 20 0 0 0 0" },
        },
      ],
    },
  },
  {
    name: "AdapterFallbacks",
    severity: "warning",
    subject: "service",
    condition: above(sum(increase(select(adapterFallbacks), "10m"), ["task", "reason"]), FALLBACK_LIMIT),
    summary: "{{ $labels.task }}: answers come from the base model ({{ $labels.reason }})",
    description:
      "An active adapter could not be used, so answers lack its style. Nothing fails. Look at the adapter's state and at the engines' log of loading it.",
    examples: {
      firing: [
        {
          when: "fifteen in ten minutes",
          at: "15m",
          series: { [FALLBACKS]: "0+1.5x20" },
          fires: [{ task: "til", reason: "not_loaded" }],
        },
      ],
      quiet: [
        {
          when: "seven in ten minutes",
          at: "15m",
          series: { [FALLBACKS]: "0+0.7x20" },
        },
        {
          when: "three around a restart",
          at: "15m",
          series: { [FALLBACKS]: "0x8 3x10" },
        },
      ],
    },
  },
];
