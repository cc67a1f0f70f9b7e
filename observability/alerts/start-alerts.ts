import { coldStartBudget } from "../../planning/cold-start";
import { isModelName, MODELS } from "../../planning/models";
import { NAMESPACES } from "../../planning/names";
import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import type { Duration } from "../promql/duration";
import { max, now } from "../promql/functions";
import { above, and, below, operate, or } from "../promql/operators";
import { BY_TARGET, GATEWAY_JOB, select } from "../promql/select";
import { type Alert, WHERE } from "../rules/alert";

const { podPhase, podReady } = CLUSTER_METRICS;

/** The slowest model's whole cold start, in minutes, rounded up. Source: planning/cold-start.ts. */
const COLD_START_MINUTES = Math.ceil(
  Math.max(
    ...Object.keys(MODELS)
      .filter(isModelName)
      .map((model) => coldStartBudget(model).totalSeconds),
  ) / 60,
);
const COLD_START: Duration = `${COLD_START_MINUTES}m`;
const COLD_START_SECONDS = COLD_START_MINUTES * 60;
/** Seconds of age from which a gateway that is not ready has lost it: what is younger has never been ready. */
const GROWN_UP_SECONDS = COLD_START_SECONDS + 3_600;

const notReady = operate(max(select(GATEWAY_METRICS.ready), BY_TARGET), "==", 0);
const age = operate(now(), "-", max(select(PLATFORM_METRICS.processStart, { job: GATEWAY_JOB }), BY_TARGET));

/** Pods of engines are called `engine-0-blue-…`. Source: charts/llm-serving/templates/engines.yaml. */
const ENGINE_PODS = { namespace: NAMESPACES.serving, pod: { regex: "engine-.+" } };
const engineNotReady = or(
  above(max(select(podPhase, { ...ENGINE_PODS, phase: "Pending" }), ["namespace", "pod"]), 0),
  and(
    above(max(select(podReady, { ...ENGINE_PODS, condition: "false" }), ["namespace", "pod"]), 0),
    above(max(select(podPhase, { ...ENGINE_PODS, phase: "Running" }), ["namespace", "pod"]), 0),
  ),
);

const gateway = (name: string) => `${name}{job="gateway", instance="llm-vm-1"}`;
const pod = (name: string, labels: string) =>
  `${name}{job="kube-state-metrics", namespace="llm-serving", pod="engine-0-blue-abc"${labels}}`;
const pending = pod("kube_pod_status_phase", ', phase="Pending"');
const running = pod("kube_pod_status_phase", ', phase="Running"');
const unready = pod("kube_pod_status_ready", ', condition="false"');
const podLabels = { namespace: "llm-serving", pod: "engine-0-blue-abc" };
/** A VM that boots when the example begins. */
const bootsAtZero = (ready: string) => ({
  [gateway(GATEWAY_METRICS.ready.name)]: ready,
  [gateway("process_start_time_seconds")]: "0x400",
});

/** Starts that do not end, and what was started and is no longer there. */
export const START_ALERTS: readonly Alert[] = [
  {
    name: "ColdStartOverBudget",
    severity: "warning",
    subject: "engine",
    // The two ages keep it from what was ready long ago, which is the next alert.
    condition: and(notReady, and(above(age, COLD_START_SECONDS), below(age, GROWN_UP_SECONDS))),
    summary: `${WHERE} is not ready ${COLD_START_MINUTES} minutes after its start`,
    description:
      "A start takes longer than image, weights and compilation together should. `/health` says what the gateway waits for.",
    examples: {
      firing: [
        {
          when: "not ready after twenty minutes",
          at: "20m",
          series: bootsAtZero("0x400"),
          fires: [{ instance: "llm-vm-1" }],
        },
        {
          when: "not ready after an hour",
          at: "60m",
          series: bootsAtZero("0x400"),
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        { when: "ready after eleven minutes", at: "60m", series: bootsAtZero("0x11 1x400") },
        { when: "ready for an hour, then not", at: "2h", series: bootsAtZero("0x8 1x82 0x100") },
      ],
    },
  },
  {
    name: "EngineStartOverBudget",
    runbook: "ColdStartOverBudget",
    severity: "warning",
    subject: "engine",
    condition: engineNotReady,
    for: COLD_START,
    summary: `{{ $labels.pod }} is not ready after ${COLD_START_MINUTES} minutes`,
    description:
      "Node, image, weights and compilation together should take less. A pod that is pending waits for an L4: quota, stock in its zones, or the maximum of auto-provisioning.",
    examples: {
      firing: [
        { when: "there is no node for it", at: "30m", series: { [pending]: "1x35" }, fires: [podLabels] },
        {
          when: "it runs and does not answer",
          at: "30m",
          series: { [running]: "1x35", [unready]: "1x35" },
          fires: [podLabels],
        },
        {
          when: "it waits for a node, then for the engine",
          at: "30m",
          series: { [pending]: "1x8 0x30", [running]: "0x8 1x30", [unready]: "1x40" },
          fires: [podLabels],
        },
      ],
      quiet: [
        {
          when: "ready after nine minutes",
          at: "30m",
          series: { [pending]: "1x4 0x30", [running]: "0x4 1x30", [unready]: "1x9 0x30" },
        },
      ],
    },
  },
  {
    name: "GatewayNotReady",
    severity: "warning",
    subject: "gateway",
    condition: and(notReady, operate(age, ">=", GROWN_UP_SECONDS)),
    for: "2m",
    summary: `${WHERE} takes no requests`,
    description:
      "It was ready, and is no longer: its engines do not answer, a check of its health fails, or somebody drains it. The load balancer sends to the others.",
    examples: {
      firing: [
        {
          when: "its engine died after ninety minutes",
          at: "95m",
          series: bootsAtZero("0x8 1x82 0x100"),
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        { when: "it starts", at: "70m", series: bootsAtZero("0x400") },
        { when: "one check failed", at: "105m", series: bootsAtZero("0x8 1x90 0 1x100") },
      ],
    },
  },
];
