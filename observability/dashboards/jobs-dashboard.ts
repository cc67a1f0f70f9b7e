import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { histogramQuantile, max, observationRate, sum } from "../promql/functions";
import { select } from "../promql/select";
import type { Dashboard, Row } from "./dashboard";
import { AT_RESOLUTION, rateBy, share } from "./queries";
import { CHOSEN_TARGETS, GATEWAY_VARIABLES, withTarget } from "./scope";

const { adapterLoads, cacheRequests, dependencyUp, drainRequests, stageDuration, stageErrors } = GATEWAY_METRICS;

const CHAINS: Row = {
  title: "Chains",
  panels: [
    {
      kind: "graph",
      title: "Stages, p95",
      description: "retrieve: context from earlier TILs. prompt: its rendering. generate: the model.",
      unit: "seconds",
      queries: [
        {
          expression: histogramQuantile(0.95, stageDuration, {
            window: AT_RESOLUTION,
            matchers: CHOSEN_TARGETS,
            by: ["task", "stage"],
          }),
          legend: "{{task}} {{stage}}",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Stages run",
      description: "How often each stage ran.",
      unit: "per second",
      queries: [
        {
          expression: sum(observationRate(stageDuration, AT_RESOLUTION, CHOSEN_TARGETS), ["task", "stage"]),
          legend: "{{task}} {{stage}}",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Stages failed",
      description: "A failed retrieval leaves context out; a failed generation is an error.",
      unit: "per second",
      queries: [{ expression: rateBy(stageErrors, ["task", "stage"], CHOSEN_TARGETS), legend: "{{task}} {{stage}}" }],
      width: 8,
    },
  ],
};

const STORES: Row = {
  title: "Stores and locks",
  panels: [
    {
      kind: "graph",
      title: "Stores that answer",
      description: "Locks and the response cache need Redis; adapters and TILs need PostgreSQL; context needs vectors.",
      unit: "state",
      max: 1,
      queries: [
        {
          expression: withTarget(max(select(dependencyUp, CHOSEN_TARGETS), ["dependency", "instance", "pod"])),
          legend: "{{dependency}} {{target}}",
        },
      ],
      alert: "RedisDown",
      width: 8,
    },
    {
      kind: "graph",
      title: "Answers skipped",
      description: "Share of the requests that the response cache answered, so that no model ran.",
      unit: "ratio",
      max: 1,
      queries: [
        {
          expression: share(
            rateBy(cacheRequests, ["route"], { ...CHOSEN_TARGETS, result: "hit" }),
            rateBy(cacheRequests, ["route"], CHOSEN_TARGETS),
          ),
          legend: "{{route}}",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Response cache",
      description: "bypass: the request asked for a new answer, or its answer may not be kept.",
      unit: "requests per second",
      stacked: true,
      queries: [{ expression: rateBy(cacheRequests, ["result"], CHOSEN_TARGETS), legend: "{{result}}" }],
      width: 8,
    },
  ],
};

const ADAPTERS: Row = {
  title: "Adapters and drains",
  panels: [
    {
      kind: "graph",
      title: "Adapters loaded",
      description: "Into engines, and out of them.",
      unit: "per second",
      queries: [{ expression: rateBy(adapterLoads, ["result"], CHOSEN_TARGETS), legend: "{{result}}" }],
      alert: "AdapterFallbacks",
      width: 12,
    },
    {
      kind: "graph",
      title: "Work in flight when draining began",
      description:
        "completed: answered. left: the client went away. lost: the server failed it, which must not happen.",
      unit: "per second",
      queries: [{ expression: rateBy(drainRequests, ["outcome"], CHOSEN_TARGETS), legend: "{{outcome}}" }],
      alert: "LostWork",
      width: 12,
    },
  ],
};

/** What runs behind a request: stages of chains, stores, caches, adapters. */
export const JOBS_DASHBOARD: Dashboard = {
  uid: "terrace-jobs",
  title: "Jobs",
  description: "Stages of the generation chains, the stores and locks that they need, caches, adapters and drains.",
  variables: GATEWAY_VARIABLES,
  shows: "24h",
  rows: [CHAINS, STORES, ADAPTERS],
};
