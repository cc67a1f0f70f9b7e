import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { GPU_METRICS } from "../metrics/gpu-metrics";
import { aggregate, histogramQuantile, max, sum } from "../promql/functions";
import { divide } from "../promql/operators";
import { select } from "../promql/select";
import { recorded } from "../rules/recording";
import { BURN_RATES, errorRatio } from "../slo/burn-rate";
import { budgetLeft } from "../slo/error-budget";
import { AVAILABILITY, OBJECTIVES, type Objective, SLO_DAYS, TTFT_TARGET_SECONDS, USER_ROUTES } from "../slo/objective";
import type { Dashboard, Query, Row, StatPanel } from "./dashboard";
import { GRID_COLUMNS } from "./layout";
import { AT_RESOLUTION, quantiles, rateBy, share } from "./queries";
import { CHOSEN_TARGETS, GATEWAY_VARIABLES } from "./scope";

const { activeUsers, inFlight, ready, rejected, requestDuration, requests, ttft } = GATEWAY_METRICS;

/** Requests of users, at the chosen gateways. */
const USERS = { route: USER_ROUTES, ...CHOSEN_TARGETS };
const SERVER_ERRORS = { ...USERS, status: { regex: "5.." } };
/** Share of 5xx at which the alert `ServerErrors` fires. Source: R-101. */
const ERROR_LIMIT = 0.01;

const ERRORS = share(rateBy(requests, [], SERVER_ERRORS), rateBy(requests, [], USERS));

/** How many times faster than allowed an objective's budget went over an hour. */
function burnRate(objective: Objective): Query {
  const budget = Number((1 - objective.target).toPrecision(6));
  return { expression: divide(recorded(errorRatio(objective, "1h")), budget), legend: objective.title };
}

const [fastest, slower] = BURN_RATES;

function budgetPanel(objective: Objective): StatPanel {
  return {
    kind: "stat",
    title: `${objective.title}: budget left`,
    description: `Of the bad events that ${objective.target * 100} % over ${SLO_DAYS} days allow. Below 0 the promise is broken.`,
    unit: "ratio",
    decimals: 1,
    instant: true,
    queries: [{ expression: budgetLeft(objective), legend: objective.title }],
    base: "red",
    thresholds: [
      { from: 0, colour: "orange" },
      { from: 0.25, colour: "green" },
    ],
    width: GRID_COLUMNS / OBJECTIVES.length,
  };
}

const NOW: Row = {
  title: "Now",
  panels: [
    {
      kind: "stat",
      title: "Requests",
      description: "Generation requests answered a second, whatever the answer.",
      unit: "requests per second",
      queries: [{ expression: rateBy(requests, [], USERS), legend: "requests" }],
      width: 4,
    },
    {
      kind: "stat",
      title: "Server errors",
      description: "Share of the generation requests that were answered 5xx.",
      unit: "ratio",
      decimals: 2,
      queries: [{ expression: ERRORS, legend: "5xx" }],
      thresholds: [{ from: ERROR_LIMIT, colour: "red" }],
      alert: "ServerErrors",
      width: 4,
    },
    {
      kind: "stat",
      title: "First token, p95",
      description: "95 of 100 streamed answers began within this time.",
      unit: "seconds",
      queries: [
        {
          expression: histogramQuantile(0.95, ttft, { window: AT_RESOLUTION, matchers: CHOSEN_TARGETS }),
          legend: "p95",
        },
      ],
      thresholds: [{ from: TTFT_TARGET_SECONDS, colour: "red" }],
      alert: "SlowFirstToken",
      width: 4,
    },
    {
      kind: "stat",
      title: "Active users",
      description: "Callers in the last five minutes. Who was answered by two gateways counts at each of them.",
      unit: "count",
      queries: [{ expression: sum(select(activeUsers, CHOSEN_TARGETS)), legend: "users" }],
      width: 4,
    },
    {
      kind: "stat",
      title: "GPU",
      description: "Share of the time in which some kernel ran, mean of all GPUs.",
      unit: "percent",
      decimals: 0,
      queries: [{ expression: aggregate("avg", select(GPU_METRICS.utilization)), legend: "GPU" }],
      thresholds: [{ from: 95, colour: "orange" }],
      alert: "GpuSaturated",
      width: 4,
    },
    {
      kind: "stat",
      title: "Gateways ready",
      description: "Gateways to which the load balancer sends.",
      unit: "count",
      queries: [{ expression: sum(select(ready, CHOSEN_TARGETS)), legend: "ready" }],
      base: "red",
      thresholds: [
        { from: 1, colour: "orange" },
        { from: 2, colour: "green" },
      ],
      alert: "GatewayNotReady",
      width: 4,
    },
  ],
};

const TRAFFIC: Row = {
  title: "Traffic",
  panels: [
    {
      kind: "graph",
      title: "Requests by route",
      description: "Generation requests answered a second.",
      unit: "requests per second",
      stacked: true,
      queries: [{ expression: rateBy(requests, ["route"], USERS), legend: "{{route}}" }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Answers by status",
      description: "499: the client left before the answer. 429 and 503 are refusals.",
      unit: "requests per second",
      stacked: true,
      queries: [{ expression: rateBy(requests, ["status"], USERS), legend: "{{status}}" }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Server errors",
      description: "Share of the generation requests that were answered 5xx.",
      unit: "ratio",
      queries: [{ expression: ERRORS, legend: "5xx" }],
      thresholds: [{ from: ERROR_LIMIT, colour: "red" }],
      alert: "ServerErrors",
      width: 8,
    },
    {
      kind: "graph",
      title: "Refused by reason",
      description: "Generation requests that no engine saw: 429 or 503, by error code.",
      unit: "requests per second",
      stacked: true,
      queries: [{ expression: rateBy(rejected, ["reason"], CHOSEN_TARGETS), legend: "{{reason}}" }],
      alert: "RequestsRefused",
      width: 8,
    },
    {
      kind: "graph",
      title: "In flight by model",
      description: "Generation requests that an engine works on.",
      unit: "count",
      stacked: true,
      queries: [{ expression: sum(select(inFlight, CHOSEN_TARGETS), ["model"]), legend: "{{model}}" }],
      width: 8,
    },
    {
      kind: "graph",
      title: "GPU and users",
      description: "The busiest GPU, and callers in the last five minutes.",
      unit: "count",
      queries: [
        { expression: max(select(GPU_METRICS.utilization)), legend: "busiest GPU, %" },
        { expression: sum(select(activeUsers, CHOSEN_TARGETS)), legend: "active users" },
      ],
      width: 8,
    },
  ],
};

const LATENCY: Row = {
  title: "Latency",
  panels: [
    {
      kind: "graph",
      title: "First token",
      description: "From a streamed request's arrival to its first text.",
      unit: "seconds",
      queries: quantiles(ttft, CHOSEN_TARGETS),
      thresholds: [{ from: TTFT_TARGET_SECONDS, colour: "red" }],
      alert: "SlowFirstToken",
      width: 8,
    },
    {
      kind: "graph",
      title: "Whole answer",
      description: "From a generation request's arrival to the end of its answer, streams included.",
      unit: "seconds",
      queries: quantiles(requestDuration, USERS),
      width: 8,
    },
    {
      kind: "graph",
      title: "Whole answer by route, p95",
      description: "95 of 100 answers of a route were complete within this time.",
      unit: "seconds",
      queries: [
        {
          expression: histogramQuantile(0.95, requestDuration, {
            window: AT_RESOLUTION,
            matchers: USERS,
            by: ["route"],
          }),
          legend: "{{route}}",
        },
      ],
      width: 8,
    },
  ],
};

const PROMISES: Row = {
  title: "Promises",
  panels: [
    ...OBJECTIVES.map(budgetPanel),
    {
      kind: "graph",
      title: "Error budgets: times too fast, over an hour",
      description: "1 uses up exactly the budget of 30 days. The lines are where somebody is told at once.",
      unit: "count",
      queries: [burnRate(AVAILABILITY), ...OBJECTIVES.filter((one) => one !== AVAILABILITY).map(burnRate)],
      thresholds: [
        { from: slower?.factor ?? 0, colour: "orange" },
        { from: fastest?.factor ?? 0, colour: "red" },
      ],
      alert: "AvailabilityBudgetBurn1h",
      width: 24,
    },
  ],
};

/** How the service does, as its users see it. */
export const SERVICE_DASHBOARD: Dashboard = {
  uid: "terrace-service",
  title: "Service",
  description: "Requests, errors, latency and the promises of the service, as its users see them.",
  variables: GATEWAY_VARIABLES,
  shows: "3h",
  rows: [NOW, TRAFFIC, LATENCY, PROMISES],
};
