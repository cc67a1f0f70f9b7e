import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { histogramQuantile, increase, max, rate, sum } from "../promql/functions";
import { above, and, divide, operate } from "../promql/operators";
import { BY_TARGET, select } from "../promql/select";
import { TTFT_TARGET_SECONDS, USER_ROUTES } from "../slo/objective";
import type { Alert } from "./alert";

const { requests, ttft, queueLength, degraded, adapterFallbacks, drainRequests, preempted } = GATEWAY_METRICS;

/** Share of server errors. Source: infrastructure specification §7. */
const ERROR_SHARE = 0.01;
/** Requests a second from which a share says something: 30 in five minutes. */
const REQUESTS_THAT_COUNT = 0.1;
/** Source: third document, autoscaling: out above 100 waiting. */
const QUEUE_LIMIT = 100;
/** Answers without their adapter in ten minutes: one is a race with a restart, ten are a broken adapter. */
const FALLBACK_LIMIT = 10;
/** Seconds by which the event loop may be late: a quarter of the TTFT target. */
const EVENT_LOOP_LIMIT_SECONDS = 0.5;

const ttftSeries = (underTarget: string, all: string) => ({
  'gateway_ttft_seconds_bucket{job="gateway", instance="llm-vm-1", task="til", model="gemma", le="2"}': underTarget,
  'gateway_ttft_seconds_bucket{job="gateway", instance="llm-vm-1", task="til", model="gemma", le="5"}': all,
  'gateway_ttft_seconds_bucket{job="gateway", instance="llm-vm-1", task="til", model="gemma", le="+Inf"}': all,
});

const requestSeries = (ok: string, failed: string) => ({
  'gateway_requests_total{job="gateway", instance="llm-vm-1", route="/til", method="POST", status="200"}': ok,
  'gateway_requests_total{job="gateway", instance="llm-vm-1", route="/til", method="POST", status="503"}': failed,
});

const gaugeOf = (name: string, labels = "") => `${name}{job="gateway", instance="llm-vm-1"${labels}}`;

/** What users feel, by cause. The error budgets say how much it matters. */
export const SERVICE_ALERTS: readonly Alert[] = [
  {
    name: "SlowFirstToken",
    severity: "warning",
    subject: "service",
    condition: above(histogramQuantile(0.95, ttft, { by: ["task"], window: "5m" }), TTFT_TARGET_SECONDS),
    for: "5m",
    summary: "{{ $labels.task }}: the 95th percentile of the first token is above 2 s",
    description:
      "Users wait before they see anything. Look whether requests wait in the scheduler (queue), in the engine (KV cache, preemptions) or in a long prefill.",
    examples: {
      firing: [
        {
          when: "half of the answers begin after 2 s",
          at: "15m",
          series: ttftSeries("0+30x20", "0+60x20"),
          fires: [{ task: "til" }],
        },
      ],
      quiet: [
        { when: "all begin within 2 s", at: "15m", series: ttftSeries("0+60x20", "0+60x20") },
        { when: "nobody asks", at: "15m", series: ttftSeries("0x20", "0x20") },
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
          sum(rate(select(requests, { route: USER_ROUTES }), "5m"), ["route"]),
        ),
        ERROR_SHARE,
      ),
      above(sum(rate(select(requests, { route: USER_ROUTES }), "5m"), ["route"]), REQUESTS_THAT_COUNT),
      ["route"],
    ),
    for: "5m",
    summary: "{{ $labels.route }}: more than 1 % of the answers are server errors",
    description:
      "Requests fail. Look at the statuses by route: 502 is an engine's bad answer, 503 no engine, a store or draining, 504 a deadline.",
    examples: {
      firing: [
        { when: "one in ten fails", at: "15m", series: requestSeries("0+54x20", "0+6x20"), fires: [{ route: "/til" }] },
      ],
      quiet: [
        { when: "one in two hundred fails", at: "15m", series: requestSeries("0+199x20", "0+1x20") },
        {
          when: "one of three requests of the night fails",
          at: "15m",
          series: requestSeries("0 0 1 1 1 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2", "0 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
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
          series: { [gaugeOf("gateway_queue_length", ', model="gemma"')]: "150x10" },
          fires: [{ model: "gemma" }],
        },
      ],
      quiet: [
        {
          when: "a burst of 150 is gone after two minutes",
          at: "5m",
          series: { [gaugeOf("gateway_queue_length", ', model="gemma"')]: "0 150 150 20 0 0 0 0" },
        },
      ],
    },
  },
  {
    name: "Degraded",
    severity: "warning",
    subject: "service",
    condition: above(max(select(degraded), BY_TARGET), 0),
    for: "5m",
    summary: "{{ $labels.instance }} serves only important requests",
    description:
      "Degraded mode is on: by an operator, a preemption, or because no engine of a model answers. Others get a template or 503.",
    examples: {
      firing: [
        {
          when: "on for ten minutes",
          at: "10m",
          series: { [gaugeOf("gateway_degraded")]: "1x15" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "on for a preempted machine's last minute",
          at: "10m",
          series: { [gaugeOf("gateway_degraded")]: "0 0 1 1 stale" },
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
          when: "twenty in ten minutes",
          at: "15m",
          series: { [gaugeOf("gateway_adapter_fallbacks_total", ', task="til", reason="load-failed"')]: "0+2x20" },
          fires: [{ task: "til", reason: "load-failed" }],
        },
      ],
      quiet: [
        {
          when: "three around a restart",
          at: "15m",
          series: { [gaugeOf("gateway_adapter_fallbacks_total", ', task="til", reason="load-failed"')]: "0x8 3x10" },
        },
      ],
    },
  },
  {
    name: "LostWork",
    severity: "warning",
    subject: "gateway",
    condition: above(sum(increase(select(drainRequests, { outcome: "lost" }), "15m"), BY_TARGET), 0),
    summary: "{{ $labels.instance }} cut requests off while it stopped",
    description:
      "Answers took longer than the drain gave them. Users saw a broken stream. Look at the drain report in the log, and whether the machine was preempted.",
    examples: {
      firing: [
        {
          when: "two were lost",
          at: "10m",
          series: { [gaugeOf("gateway_drain_requests_total", ', outcome="lost"')]: "0x5 2x10" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "all were completed",
          at: "10m",
          series: {
            [gaugeOf("gateway_drain_requests_total", ', outcome="lost"')]: "0x15",
            [gaugeOf("gateway_drain_requests_total", ', outcome="completed"')]: "0x5 9x10",
          },
        },
      ],
    },
  },
  {
    name: "Preempted",
    severity: "warning",
    subject: "gateway",
    condition: operate(max(select(preempted), BY_TARGET), "==", 1),
    summary: "{{ $labels.instance }} is being preempted",
    description:
      "Google takes this Spot machine back within 30 s. It drains by itself. Watch whether what is left carries the load, and whether a new machine comes.",
    examples: {
      firing: [
        {
          when: "the notice came",
          at: "3m",
          series: { [gaugeOf("gateway_preempted")]: "0 0 1 1" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [{ when: "no notice came", at: "3m", series: { [gaugeOf("gateway_preempted")]: "0x5" } }],
    },
  },
  {
    name: "EventLoopSlow",
    severity: "warning",
    subject: "gateway",
    condition: above(
      max(select(PLATFORM_METRICS.eventLoopLagP99, { job: "gateway" }), BY_TARGET),
      EVENT_LOOP_LIMIT_SECONDS,
    ),
    for: "5m",
    summary: "{{ $labels.instance }}: the gateway's event loop is late by more than 0.5 s",
    description:
      "Every stream of this gateway stutters. It has too little CPU, or something computes on its main thread.",
    examples: {
      firing: [
        {
          when: "0.8 s for ten minutes",
          at: "10m",
          series: { [gaugeOf("nodejs_eventloop_lag_p99_seconds")]: "0.8x15" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "one bad minute",
          at: "10m",
          series: { [gaugeOf("nodejs_eventloop_lag_p99_seconds")]: "0.02x5 0.9 0.02x10" },
        },
      ],
    },
  },
];
