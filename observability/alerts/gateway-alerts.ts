import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { increase, max, maxOverTime, sum } from "../promql/functions";
import { above } from "../promql/operators";
import { BY_TARGET, GATEWAY_JOB, select } from "../promql/select";
import { type Alert, WHERE } from "../rules/alert";

const { degraded, drainRequests, preempted } = GATEWAY_METRICS;

/** Seconds by which the event loop may be late: a quarter of the TTFT target. */
const EVENT_LOOP_LIMIT_SECONDS = 0.5;

const gaugeOf = (name: string, labels = "") => `${name}{job="gateway", instance="llm-vm-1"${labels}}`;

/** A gateway's own state. */
export const GATEWAY_ALERTS: readonly Alert[] = [
  {
    name: "Degraded",
    severity: "warning",
    subject: "service",
    condition: above(max(select(degraded), BY_TARGET), 0),
    for: "5m",
    summary: `${WHERE} serves only important requests`,
    description:
      "Degraded mode is on: by an operator, a preemption, or because no engine of a model answers. Others get a template or 503.",
    examples: {
      firing: [
        {
          when: "on for ten minutes",
          at: "10m",
          series: { [gaugeOf(degraded.name)]: "1x15" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "on for a preempted machine's last minute",
          at: "10m",
          series: { [gaugeOf(degraded.name)]: "0 0 1 1 stale" },
        },
      ],
    },
  },
  {
    name: "LostWork",
    severity: "warning",
    subject: "gateway",
    condition: above(sum(increase(select(drainRequests, { outcome: "lost" }), "15m"), BY_TARGET), 0),
    summary: `${WHERE} cut requests off while it stopped`,
    description:
      "Answers took longer than the drain gave them. Users saw a broken stream. Look at the drain report in the log, and whether the machine was preempted.",
    examples: {
      firing: [
        {
          when: "two were lost",
          at: "10m",
          series: { [gaugeOf(drainRequests.name, ', outcome="lost"')]: "0x5 2x10" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "all were completed",
          at: "10m",
          series: {
            [gaugeOf(drainRequests.name, ', outcome="lost"')]: "0x15",
            [gaugeOf(drainRequests.name, ', outcome="completed"')]: "0x5 9x10",
          },
        },
      ],
    },
  },
  {
    name: "Preempted",
    severity: "warning",
    subject: "gateway",
    // The notice comes 30 s before the end, less than a message takes to be sent: so it is remembered.
    condition: above(max(maxOverTime(select(preempted), "15m"), BY_TARGET), 0),
    summary: `${WHERE} was preempted`,
    description:
      "Google took this Spot machine back with a notice of 30 s, in which it drained. Watch whether what is left carries the load, and whether the machine comes back.",
    examples: {
      firing: [
        {
          when: "the notice came, and then the end",
          every: "15s",
          at: "5m",
          series: { [gaugeOf(preempted.name)]: "0 0 1 1 stale" },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        { when: "no notice came", at: "3m", series: { [gaugeOf(preempted.name)]: "0x5" } },
        {
          when: "it came a quarter of an hour ago",
          from: "20m",
          at: "30m",
          series: { [gaugeOf(preempted.name)]: "0 1 0x35" },
        },
      ],
    },
  },
  {
    name: "EventLoopSlow",
    severity: "warning",
    subject: "gateway",
    condition: above(
      max(select(PLATFORM_METRICS.eventLoopLagP99, { job: GATEWAY_JOB }), BY_TARGET),
      EVENT_LOOP_LIMIT_SECONDS,
    ),
    for: "5m",
    summary: `${WHERE}: the gateway's event loop is late by more than 0.5 s`,
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
        { when: "0.4 s", at: "10m", series: { [gaugeOf("nodejs_eventloop_lag_p99_seconds")]: "0.4x15" } },
        {
          when: "one bad minute",
          at: "10m",
          series: { [gaugeOf("nodejs_eventloop_lag_p99_seconds")]: "0.02x5 0.9 0.02x10" },
        },
      ],
    },
  },
];
