import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { METRICS } from "../../app/src/contract/metrics";
import { NAMESPACE_RULES, POD_RULES } from "../../constructs/gke/prometheus-adapter-values";
import { RULE_GROUPS } from "../../observability/alerts/alert-catalogue";
import { dashboards } from "../../observability/dashboards/dashboard-files";
import { METRIC_CONTRACT } from "../../observability/metrics/contract";
import { counter, gauge, type Metric } from "../../observability/metrics/metric";
import { AUTOSCALING_METRICS } from "../../planning/metrics-api";
import { metricNames } from "./metric-names";
import { disagreements, parseExposition } from "./recorded-metrics";

const FOLDER = join(__dirname, "../fixtures/metrics/recorded");
/** Prometheus makes them of each scrape and of its rules; no page shows them. */
const MADE_BY_PROMETHEUS = ["up", "ALERTS"];

const recordedOf = (emitter: string) => parseExposition(readFileSync(join(FOLDER, `${emitter}.prom`), "utf8"));
const exposed = METRIC_CONTRACT.filter(({ name }) => !MADE_BY_PROMETHEUS.includes(name));
const names = METRIC_CONTRACT.map((metric) => metric.name);
/** Names under which PromQL reads a metric. */
const askedAs = ({ name, type }: Metric): readonly string[] =>
  type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
const known = new Set(METRIC_CONTRACT.flatMap(askedAs));

describe("METRIC_CONTRACT", () => {
  it("has every name once", () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it("has every metric of the gateway", () => {
    expect(names).toEqual(expect.arrayContaining(Object.values(METRICS)));
  });

  it.each(exposed.map((metric) => [metric.name, metric] as const))("%s agrees with what was recorded", (_, metric) => {
    expect(disagreements(metric, recordedOf(metric.emitter))).toEqual([]);
  });

  it("has the gateway's own labels", () => {
    const recorded = recordedOf("gateway");
    for (const metric of METRIC_CONTRACT.filter(({ emitter }) => emitter === "gateway")) {
      const labels = recorded.get(metric.name)?.labels ?? [];
      expect({ name: metric.name, labels: [...labels].sort() }).toEqual({
        name: metric.name,
        labels: [...metric.labels].sort(),
      });
    }
  });

  it("throws for a counter whose name does not end in _total", () => {
    const wrong = { name: "vllm:num_preemptions", unit: "total", emitter: "vllm", help: "." } as const;
    expect(() => counter(wrong)).toThrow(RangeError);
  });
});

describe("a planted disagreement with the contract", () => {
  const recorded = recordedOf("vllm");
  const kv = { name: "vllm:kv_cache_usage_perc", unit: "ratio", emitter: "vllm", help: "." } as const;

  it.each([
    ["a name that vLLM gave up", gauge({ ...kv, name: "vllm:gpu_cache_usage_perc" }), "is not exposed"],
    [
      "a label of another metric",
      counter({ ...kv, name: "vllm:num_preemptions_total", labels: ["reason"] }),
      "has no label reason",
    ],
    ["a gauge that is a counter", gauge({ ...kv, name: "vllm:num_preemptions_total" }), "is a counter, not a gauge"],
    ["a label that nobody adds", gauge({ ...kv, labels: ["adapter"] }), "has no label adapter"],
  ])("%s is caught", (_, metric, problem) => {
    expect(disagreements(metric, recorded)).toEqual([expect.stringContaining(problem)]);
  });

  it("a bound that is no bucket's is caught", () => {
    const ttft = METRIC_CONTRACT.find(({ name }) => name === METRICS.ttft);
    if (ttft?.type !== "histogram") throw new Error("TTFT is no histogram");
    const problems = disagreements({ ...ttft, bounds: [2, 2.5] }, recordedOf("gateway"));
    expect(problems).toEqual([expect.stringContaining("has no bucket le=2.5")]);
  });
});

/** Every expression that is not made of the contract's own types, by its place. */
const RAW: readonly (readonly [string, string])[] = [
  ...POD_RULES.flatMap(({ seriesQuery, metricsQuery }) => [seriesQuery, metricsQuery]),
  ...NAMESPACE_RULES.flatMap(({ seriesQuery, metricsQuery }) => [seriesQuery, metricsQuery]),
].map((query) => [query.slice(0, 60), query]);

const WHERE = { region: "asia-northeast3", machineType: "g2-standard-8", provisioning: "standard" } as const;
const EXPRESSIONS = [
  ...RULE_GROUPS.flatMap(({ alerts, recordings }) => [
    ...alerts.map(({ name, condition }) => [name, condition] as const),
    ...recordings.map(({ record, expression }) => [record, expression] as const),
  ]),
  ...dashboards(WHERE).flatMap(({ title, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap((panel) =>
        panel.queries.map(({ expression }) => [`${title}: ${panel.title}`, expression] as const),
      ),
    ),
  ),
];
const RECORDED_SERIES = new Set(RULE_GROUPS.flatMap(({ recordings }) => recordings.map(({ record }) => record)));

describe("metrics that expressions read", () => {
  it("are found in more than a hundred expressions", () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(100);
  });

  it.each(EXPRESSIONS)("are in the contract: %s", (_, { promql, reads }) => {
    const unknown = metricNames(promql).filter((name) => !known.has(name) && !RECORDED_SERIES.has(name));
    expect(unknown).toEqual([]);
    for (const metric of reads) expect(METRIC_CONTRACT).toContain(metric);
    // An expression reads what it lists: itself, or by a recorded series.
    const asked = new Set(metricNames(promql));
    const recorded = [...asked].some((name) => RECORDED_SERIES.has(name));
    if (!recorded) expect(reads.filter((metric) => !askedAs(metric).some((name) => asked.has(name)))).toEqual([]);
  });

  it.each(RAW)("are in the contract: the adapter's %s", (_, query) => {
    const asked = metricNames(query);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
    if (!query.includes("<<.Series>>")) expect(asked).not.toEqual([]);
  });

  it("are in the contract for a gateway's autoscaler too", () => {
    expect(names).toContain(AUTOSCALING_METRICS.prometheus.inFlight?.name);
  });

  it("include names that the contract lacks", () => {
    expect(metricNames('sum(rate(vllm:num_preemptions{engine="0"}[5m])) by (model_name)')).toEqual([
      "vllm:num_preemptions",
    ]);
    expect(known).not.toContain("vllm:num_preemptions");
    expect(metricNames('{__name__="gateway_queue_size",pod!=""}')).toEqual(["gateway_queue_size"]);
  });
});
