import { ENGINE_METRICS } from "../metrics/engine-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { histogramQuantile, max, sum } from "../promql/functions";
import { operate } from "../promql/operators";
import { BY_TARGET, select } from "../promql/select";
import type { Row } from "./dashboard";
import { AT_RESOLUTION, quantiles, rateBy, share } from "./queries";
import { CHOSEN_ENGINES, CHOSEN_MODELS, withTarget } from "./scope";

const gateway = GATEWAY_METRICS;
const engine = ENGINE_METRICS;

/** The engines' own metrics, and the gateways' view of them. */
export const ENGINE_ROW: Row = {
  title: "Engines",
  panels: [
    {
      kind: "graph",
      title: "KV cache",
      description: "Share that is taken. Full, the next long prompt throws another request out.",
      unit: "ratio",
      max: 1,
      queries: [
        {
          expression: withTarget(max(select(engine.kvCacheUsage, CHOSEN_ENGINES), ["model_name", ...BY_TARGET])),
          legend: "{{model_name}} {{target}}",
        },
      ],
      thresholds: [{ from: 0.95, colour: "red" }],
      alert: "KvCacheFull",
      width: 8,
    },
    {
      kind: "graph",
      title: "Preemptions a minute",
      description: "Requests that lost their place in the KV cache and begin again.",
      unit: "count",
      queries: [
        {
          expression: operate(rateBy(engine.preemptions, ["model_name"], CHOSEN_ENGINES), "*", 60),
          legend: "{{model_name}}",
        },
      ],
      thresholds: [{ from: 1, colour: "red" }],
      alert: "EnginePreemptions",
      width: 8,
    },
    {
      kind: "graph",
      title: "Prefix cache hits",
      description: "Share of the prompt tokens that needed no computing.",
      unit: "ratio",
      max: 1,
      queries: [
        {
          expression: share(
            rateBy(engine.prefixCacheHits, ["model_name"], CHOSEN_ENGINES),
            rateBy(engine.prefixCacheQueries, ["model_name"], CHOSEN_ENGINES),
          ),
          legend: "{{model_name}}",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Where the first token's time goes, p95",
      description: "Inside the engine: its queue, the prefill, and both together.",
      unit: "seconds",
      queries: [
        {
          expression: histogramQuantile(0.95, engine.ttft, { window: AT_RESOLUTION, matchers: CHOSEN_ENGINES }),
          legend: "first token",
        },
        {
          expression: histogramQuantile(0.95, engine.queueTime, { window: AT_RESOLUTION, matchers: CHOSEN_ENGINES }),
          legend: "queue",
        },
        {
          expression: histogramQuantile(0.95, engine.prefillTime, { window: AT_RESOLUTION, matchers: CHOSEN_ENGINES }),
          legend: "prefill",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Between two tokens",
      description: "As the engine counts it.",
      unit: "seconds",
      queries: quantiles(engine.interTokenLatency, CHOSEN_ENGINES),
      width: 8,
    },
    {
      kind: "graph",
      title: "Finished by reason",
      description: "stop: the model had done. length: it was cut off. abort: the client left.",
      unit: "requests per second",
      stacked: true,
      queries: [
        {
          expression: rateBy(engine.requestSuccess, ["finished_reason"], CHOSEN_ENGINES),
          legend: "{{finished_reason}}",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Usable endpoints",
      description: "Engines that take requests, as each gateway sees it; 0 while all circuits of a model are open.",
      unit: "count",
      queries: [{ expression: sum(select(gateway.endpointUp, CHOSEN_MODELS), ["model"]), legend: "{{model}}" }],
      alert: "EndpointDown",
      width: 8,
    },
    {
      kind: "graph",
      title: "Sent once more",
      description: "Requests that another engine, or the same one, got again.",
      unit: "per second",
      queries: [
        {
          expression: rateBy(gateway.engineRetries, ["model", "reason"], CHOSEN_MODELS),
          legend: "{{model}} {{reason}}",
        },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Base model in an adapter's place",
      description: "Answers without the adapter that was asked for.",
      unit: "per second",
      queries: [{ expression: rateBy(gateway.adapterFallbacks, ["task", "reason"]), legend: "{{task}} {{reason}}" }],
      alert: "AdapterFallbacks",
      width: 8,
    },
  ],
};
