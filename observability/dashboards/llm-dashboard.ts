import { ENGINE_METRICS } from "../metrics/engine-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { histogramQuantile, sum } from "../promql/functions";
import { BY_TARGET, select } from "../promql/select";
import { GOODPUT, TTFT_TARGET_SECONDS } from "../slo/objective";
import type { Dashboard, Row } from "./dashboard";
import { ENGINE_ROW } from "./engine-row";
import { AT_RESOLUTION, quantiles, rateBy, share } from "./queries";
import { CHOSEN_ENGINES, CHOSEN_MODELS, ENGINE_VARIABLES, withTarget } from "./scope";

const gateway = GATEWAY_METRICS;
const engine = ENGINE_METRICS;

const GOOD_SHARE = share(
  rateBy(gateway.goodputTokens, [], CHOSEN_MODELS),
  rateBy(gateway.tokens, [], { ...CHOSEN_MODELS, kind: "completion" }),
);

const EXPERIENCE: Row = {
  title: "What users see",
  panels: [
    {
      kind: "graph",
      title: "Time to first token",
      description: "At the gateway: with its queue, and with the engine's.",
      unit: "seconds",
      queries: quantiles(gateway.ttft, CHOSEN_MODELS),
      thresholds: [{ from: TTFT_TARGET_SECONDS, colour: "red" }],
      alert: "SlowFirstToken",
      width: 8,
    },
    {
      kind: "graph",
      title: "Time per output token",
      description: "After the first. 50 ms are about 15 English words a second: faster than anybody reads.",
      unit: "seconds",
      queries: quantiles(gateway.tpot, CHOSEN_MODELS),
      width: 8,
    },
    {
      kind: "graph",
      title: "First token by task, p95",
      description: "Which task's users wait.",
      unit: "seconds",
      queries: [
        {
          expression: histogramQuantile(0.95, gateway.ttft, {
            window: AT_RESOLUTION,
            matchers: CHOSEN_MODELS,
            by: ["task"],
          }),
          legend: "{{task}}",
        },
      ],
      thresholds: [{ from: TTFT_TARGET_SECONDS, colour: "red" }],
      alert: "SlowFirstToken",
      width: 8,
    },
  ],
};

const THROUGHPUT: Row = {
  title: "Goodput against throughput",
  panels: [
    {
      kind: "graph",
      title: "Tokens written",
      description: "All, and those of answers whose first token came in time. Where they part, work is wasted.",
      unit: "tokens per second",
      queries: [
        {
          expression: rateBy(gateway.tokens, [], { ...CHOSEN_MODELS, kind: "completion" }),
          legend: "throughput",
        },
        { expression: rateBy(gateway.goodputTokens, [], CHOSEN_MODELS), legend: "goodput" },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Tokens by model",
      description: "Read (prompt) and written (completion).",
      unit: "tokens per second",
      queries: [{ expression: rateBy(gateway.tokens, ["model", "kind"], CHOSEN_MODELS), legend: "{{model}} {{kind}}" }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Good tokens",
      description: "Share of the written tokens whose answer began in time.",
      unit: "ratio",
      max: 1,
      queries: [{ expression: GOOD_SHARE, legend: "good" }],
      thresholds: [{ from: GOODPUT.target, colour: "red" }],
      alert: "GoodputBudgetBurn6h",
      width: 8,
    },
  ],
};

const QUEUE: Row = {
  title: "Queues",
  panels: [
    {
      kind: "graph",
      title: "Waiting in the scheduler",
      description: "Requests for which the gateways have no place yet.",
      unit: "count",
      queries: [{ expression: sum(select(gateway.queueLength, CHOSEN_MODELS), ["model"]), legend: "{{model}}" }],
      thresholds: [{ from: 100, colour: "red" }],
      alert: "QueueLong",
      width: 6,
    },
    {
      kind: "graph",
      title: "Wait in the scheduler, p95",
      description: "By the scheduler's class of requests.",
      unit: "seconds",
      queries: [
        {
          expression: histogramQuantile(0.95, gateway.queueWait, {
            window: AT_RESOLUTION,
            matchers: CHOSEN_MODELS,
            by: ["class"],
          }),
          legend: "{{class}}",
        },
      ],
      width: 6,
    },
    {
      kind: "graph",
      title: "On the GPU",
      description: "Requests that an engine computes together.",
      unit: "count",
      queries: [
        {
          expression: withTarget(sum(select(engine.running, CHOSEN_ENGINES), ["model_name", ...BY_TARGET])),
          legend: "{{model_name}} {{target}}",
        },
      ],
      width: 6,
    },
    {
      kind: "graph",
      title: "Waiting in the engines",
      description: "For room in the KV cache (capacity) or for a LoRA adapter (deferred).",
      unit: "count",
      queries: [{ expression: sum(select(engine.waitingByReason, CHOSEN_ENGINES), ["reason"]), legend: "{{reason}}" }],
      width: 6,
    },
  ],
};

/** What the models do: latency, throughput, queues and caches. */
export const LLM_DASHBOARD: Dashboard = {
  uid: "terrace-llm",
  title: "LLM",
  description: "First tokens, throughput against goodput, queues, KV and prefix cache of the engines.",
  variables: ENGINE_VARIABLES,
  shows: "3h",
  rows: [EXPERIENCE, THROUGHPUT, QUEUE, ENGINE_ROW],
};
