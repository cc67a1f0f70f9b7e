import { isMachineType, MACHINE_TYPES } from "../../planning/gpus";
import { gpuMachinePrice, hasPrices } from "../../planning/prices";
import type { Provisioning } from "../../planning/provisioning";
import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { GPU_METRICS } from "../metrics/gpu-metrics";
import { aggregate, avgOverTime, max, rate, sum } from "../promql/functions";
import { below, divide, operate, or } from "../promql/operators";
import { select } from "../promql/select";
import { USER_ROUTES } from "../slo/objective";
import type { Dashboard, Panel, Row } from "./dashboard";
import { AT_RESOLUTION } from "./queries";

export interface CostProps {
  /** Region whose prices count. */
  readonly region: string;
  /** Machine type of the GPU machines. */
  readonly machineType: string;
  readonly provisioning: Provisioning;
}

const SECONDS_PER_HOUR = 3_600;
/** Below this a GPU does nothing. Source: R-101, as the alert `GpuIdle`. */
const IDLE_PERCENT = 5;

const GPUS = aggregate("count", select(GPU_METRICS.utilization));
const REQUESTS_PER_HOUR = operate(
  sum(rate(select(GATEWAY_METRICS.requests, { route: USER_ROUTES, status: { regex: "2.." } }), AT_RESOLUTION)),
  "*",
  SECONDS_PER_HOUR,
);
const TOKENS_PER_HOUR = operate(
  sum(rate(select(GATEWAY_METRICS.tokens, { kind: "completion" }), AT_RESOLUTION)),
  "*",
  SECONDS_PER_HOUR,
);
/** GPUs that do nothing; 0, not absent, where each does something. */
const IDLE_GPUS = or(
  aggregate("count", below(avgOverTime(select(GPU_METRICS.utilization), AT_RESOLUTION), IDLE_PERCENT)),
  operate(GPUS, "*", 0),
);
const IDLE_SHARE = operate(
  1,
  "-",
  divide(aggregate("avg", avgOverTime(select(GPU_METRICS.utilization), AT_RESOLUTION)), 100),
);

/** US dollars for a GPU with its machine, an hour; undefined where the catalogue has no price. */
function gpuHourUsd({ region, machineType, provisioning }: CostProps): number | undefined {
  if (!hasPrices(region) || !isMachineType(machineType)) return undefined;
  const { usd } = gpuMachinePrice(region, machineType, provisioning);
  return Number((usd / MACHINE_TYPES[machineType].l4Count).toPrecision(5));
}

function moneyRow(usd: number, { region, machineType, provisioning }: CostProps): Row {
  const price = `${usd} dollars for an hour of a ${machineType}'s GPU in ${region} (${provisioning}), list price.`;
  const stat = (title: string, description: string, expression: Panel["queries"][0]["expression"]): Panel => ({
    kind: "stat",
    title,
    description: `${description} ${price}`,
    unit: "dollars",
    decimals: 2,
    queries: [{ expression, legend: "dollars" }],
    width: 6,
  });
  return {
    title: "Money",
    panels: [
      stat("Cost of an hour", "What the GPU machines cost now, without disks and traffic.", operate(GPUS, "*", usd)),
      stat(
        "Cost of 1000 requests",
        "GPU machines alone, by the requests that are answered with success.",
        divide(operate(GPUS, "*", usd * 1_000), REQUESTS_PER_HOUR),
      ),
      stat(
        "Cost of a million tokens",
        "GPU machines alone, by the tokens that are written.",
        divide(operate(GPUS, "*", usd * 1e6), TOKENS_PER_HOUR),
      ),
      stat(
        "Idleness, a day",
        "What the share of the time in which no kernel runs costs, if it stays so for a day.",
        operate(operate(GPUS, "*", IDLE_SHARE), "*", usd * 24),
      ),
      {
        kind: "graph",
        title: "Money an hour",
        description: `Time in which some kernel ran, and in which none did. ${price}`,
        unit: "dollars",
        stacked: true,
        queries: [
          { expression: operate(operate(GPUS, "*", operate(1, "-", IDLE_SHARE)), "*", usd), legend: "busy" },
          { expression: operate(operate(GPUS, "*", IDLE_SHARE), "*", usd), legend: "idle" },
        ],
        alert: "GpuIdle",
        width: 12,
      },
      {
        kind: "graph",
        title: "Money for 1000 requests",
        description: `Rises at night, when the same machines answer fewer. ${price}`,
        unit: "dollars",
        queries: [{ expression: divide(operate(GPUS, "*", usd * 1_000), REQUESTS_PER_HOUR), legend: "1000 requests" }],
        width: 12,
      },
    ],
  };
}

const HOURS: Row = {
  title: "GPU hours",
  panels: [
    {
      kind: "graph",
      title: "GPU hours for 1000 requests",
      description: "GPUs that run, idle ones too, by the generation requests that are answered with success.",
      unit: "gpu hours",
      queries: [{ expression: divide(operate(GPUS, "*", 1_000), REQUESTS_PER_HOUR), legend: "1000 requests" }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Tokens of a GPU hour",
      description: "Tokens written, by the GPUs that run.",
      unit: "count",
      queries: [{ expression: divide(TOKENS_PER_HOUR, GPUS), legend: "tokens" }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Idle GPUs",
      description: "Of all that run, those that have less than 5 % to do.",
      unit: "count",
      queries: [
        { expression: GPUS, legend: "GPUs" },
        { expression: IDLE_GPUS, legend: "idle" },
      ],
      alert: "GpuIdle",
      width: 8,
    },
  ],
};

const REPLICAS: Row = {
  title: "Pods (cluster)",
  panels: [
    {
      kind: "graph",
      title: "Pods by autoscaler",
      description: "What it has, and what it may have at most.",
      unit: "count",
      queries: [
        {
          expression: max(select(CLUSTER_METRICS.autoscalerReplicas), ["horizontalpodautoscaler"]),
          legend: "{{horizontalpodautoscaler}}",
        },
        {
          expression: max(select(CLUSTER_METRICS.autoscalerMaximum), ["horizontalpodautoscaler"]),
          legend: "{{horizontalpodautoscaler}} at most",
        },
      ],
      alert: "AutoscalerAtMaximum",
      width: 24,
    },
  ],
};

/** What the GPUs cost, and what they did for it. Without money where the price is not known. */
export function costDashboard(props: CostProps): Dashboard {
  const usd = gpuHourUsd(props);
  return {
    uid: "terrace-cost",
    title: "Cost",
    description: "GPU hours and their list price, by what was answered for them, and what idleness costs.",
    variables: [],
    shows: "7d",
    rows: [...(usd === undefined ? [] : [moneyRow(usd, props)]), HOURS, REPLICAS],
  };
}
