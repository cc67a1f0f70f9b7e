import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { dump } from "js-yaml";
import { type AdapterRule, NAMESPACE_RULES, POD_RULES } from "../../constructs/gke/prometheus-adapter-values";
import { ADAPTER_METRICS, AUTOSCALING_METRICS, SCALE_IN_BELOW } from "../../planning/metrics-api";
import { describeWith, runTool } from "../../testing/programs";
import { type MetricSample, parsePrometheusText, selects, seriesText } from "./prometheus-text";

const recorded = (file: string) =>
  parsePrometheusText(readFileSync(join(__dirname, "..", "fixtures", "metrics", file), "utf8"));

/** What Prometheus adds to the samples of a pod. */
const scraped = (samples: readonly MetricSample[], pod: string): MetricSample[] =>
  samples.map((sample) => ({ ...sample, labels: { namespace: "llm-serving", pod, ...sample.labels } }));

const busy = recorded("engine-busy.prom");
const after = recorded("engine-after.prom");
const everything = [
  ...scraped(busy, "engine-0-a"),
  ...scraped(recorded("gateway.prom"), "gateway-a"),
  ...recorded("dcgm.prom"),
];
const RULES: readonly AdapterRule[] = [...POD_RULES, ...NAMESPACE_RULES];
const byName = (name: string) => {
  const rule = RULES.find((candidate) => candidate.name.as === name);
  if (rule === undefined) throw new Error(`no rule makes ${name}`);
  return rule;
};

describe("prometheusAdapterValues", () => {
  it("make every metric that autoscalers read, in the API in which they read it", () => {
    for (const { type, name } of Object.values(AUTOSCALING_METRICS.prometheus)) {
      const rules = type === "Pods" ? POD_RULES : NAMESPACE_RULES;
      expect(rules.map((rule) => rule.name.as)).toContain(name);
    }
    expect(RULES.map((rule) => rule.name.as).sort()).toEqual(Object.values(ADAPTER_METRICS).sort());
  });

  it.each(RULES.map((rule) => [rule.name.as, rule] as const))("select series for %s among the recorded", (_, rule) => {
    expect(everything.filter((sample) => selects(rule.seriesQuery, sample))).not.toEqual([]);
  });

  it.each([
    ["a name that vLLM gave up", '{__name__="vllm:gpu_cache_usage_perc",namespace!=""}'],
    ["a reason that vLLM does not have", '{__name__="vllm:num_requests_waiting_by_reason",reason="Capacity"}'],
    ["a name without its suffix", '{__name__="vllm:time_to_first_token_seconds",namespace!=""}'],
    ["a label that nobody adds", '{__name__="gateway_in_flight_requests",kubernetes_pod!=""}'],
  ])("would find nothing with %s", (_, selector) => {
    expect(everything.filter((sample) => selects(selector, sample))).toEqual([]);
  });

  it("fail for a matcher that these tests cannot evaluate", () => {
    expect(() => selects('{__name__=~"vllm:.*"}', { name: "x", labels: {}, value: 0 })).toThrow("no matcher");
  });

  it("name metrics by what a URL path and an autoscaler take", () => {
    for (const { name } of RULES) expect(name.as).toMatch(/^[a-z][a-z0-9_]*$/);
  });
});

const folder = mkdtempSync(join(tmpdir(), "adapter-rules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The PromQL that the adapter asks for one metric. Its own templates: docs/config.md of prometheus-adapter. */
function promql({ metricsQuery }: AdapterRule, series: string, matchers: string, groupBy: string): string {
  return metricsQuery
    .replaceAll("<<.Series>>", series)
    .replaceAll("<<.LabelMatchers>>", matchers)
    .replaceAll("<<.GroupBy>>", groupBy);
}

const SERIES: Readonly<Record<string, string>> = {
  [ADAPTER_METRICS.waitingForCapacity]: "vllm:num_requests_waiting_by_reason",
  [ADAPTER_METRICS.inFlight]: "gateway_in_flight_requests",
  [ADAPTER_METRICS.gpuUtilization]: "DCGM_FI_DEV_GPU_UTIL",
  [ADAPTER_METRICS.ttftP95]: "vllm:time_to_first_token_seconds_bucket",
};

const perPod = (name: string) =>
  promql(byName(name), SERIES[name] ?? "", 'namespace="llm-serving",pod=~"engine-0-a|engine-0-b|gateway-a"', "pod");
const perModel = (model: string) =>
  promql(
    byName(ADAPTER_METRICS.ttftP95),
    SERIES[ADAPTER_METRICS.ttftP95] ?? "",
    `namespace="llm-serving",model_name="${model}"`,
    "namespace",
  );

/** A sample that stays for five minutes. */
const constant = (sample: MetricSample) => ({ series: seriesText(sample), values: `${sample.value}x20` });
/** The buckets of the first tokens, growing evenly over five minutes by as much as the recording grew. */
const firstTokens = (pod: string) =>
  scraped(busy, pod).flatMap((sample, index) => {
    if (sample.name !== SERIES[ADAPTER_METRICS.ttftP95]) return [];
    const step = ((after[index]?.value ?? sample.value) - sample.value) / 20;
    return [{ series: seriesText(sample), values: `${sample.value}+${step}x20` }];
  });

interface Expectation {
  readonly expr: string;
  readonly samples: readonly { readonly labels: string; readonly value: number }[];
}

function promtool(input: readonly object[], expectations: readonly Expectation[]) {
  const path = join(folder, "test.yaml");
  writeFileSync(
    path,
    dump({
      rule_files: [],
      evaluation_interval: "15s",
      tests: [
        {
          interval: "15s",
          input_series: input,
          promql_expr_test: expectations.map(({ expr, samples }) => ({
            expr,
            eval_time: "5m",
            exp_samples: samples,
          })),
        },
      ],
    }),
  );
  return runTool("promtool", ["test", "rules", path]);
}

const SUCCESS = { status: 0, output: expect.stringContaining("SUCCESS") };

describeWith(["promtool"], "the PromQL of the rules, in Prometheus' own evaluator", () => {
  const model = "gemma3-12b-it-gptq";

  it("returns what waits for the GPU, pod by pod, and leaves out what waits for an adapter", () => {
    const waiting = "vllm:num_requests_waiting_by_reason";
    const deferred = { name: waiting, labels: { model_name: model, engine: "0", reason: "deferred" }, value: 7 };
    const input = [...scraped([...busy, deferred], "engine-0-a"), ...scraped(after, "engine-0-b")].map(constant);
    const samples = [
      { labels: '{pod="engine-0-a"}', value: 30 },
      { labels: '{pod="engine-0-b"}', value: 0 },
    ];
    expect(promtool(input, [{ expr: perPod(ADAPTER_METRICS.waitingForCapacity), samples }])).toEqual(SUCCESS);
    const planted = perPod(ADAPTER_METRICS.waitingForCapacity).replace(',reason="capacity"', "");
    expect(promtool(input, [{ expr: planted, samples }]).status).not.toBe(0);
  });

  it("returns a gateway's requests in flight, and a pod's GPU in percent", () => {
    expect(
      promtool(everything.map(constant), [
        { expr: perPod(ADAPTER_METRICS.inFlight), samples: [{ labels: '{pod="gateway-a"}', value: 6 }] },
        { expr: perPod(ADAPTER_METRICS.gpuUtilization), samples: [{ labels: '{pod="engine-0-a"}', value: 87 }] },
      ]),
    ).toEqual(SUCCESS);
  });

  it("returns one p95 of all pods of a model, and of that model alone", () => {
    const other = firstTokens("engine-1-a").map(({ series, values }) => ({
      series: series.replace(model, "another").replace('le="2"', 'le="1.5"'),
      values,
    }));
    const input = [...firstTokens("engine-0-a"), ...firstTokens("engine-0-b"), ...other];
    // All first tokens between the recordings took 1 to 2 s; Prometheus spreads them evenly over that.
    const samples = [{ labels: `{model_name="${model}"}`, value: 1.95 }];
    const rounded = (expr: string) => `round(${expr}, 0.01)`;
    expect(promtool(input, [{ expr: rounded(perModel(model)), samples }])).toEqual(SUCCESS);
    const planted = perModel(model).replaceAll(`,model_name="${model}"`, "");
    expect(promtool(input, [{ expr: rounded(planted), samples }]).status).not.toBe(0);
  });

  it("holds scaling in while queue, first tokens or GPU are at or above what lets a pod go, each by itself", () => {
    const { waiting, gpuUtilizationPercent } = SCALE_IN_BELOW;
    const hold = promql(byName(ADAPTER_METRICS.scaleInHold), "", `namespace="llm-serving",model_name="${model}"`, "");
    const idle = scraped(after, "engine-0-a");
    const queued = (value: number) =>
      idle.map((sample) =>
        sample.name === SERIES[ADAPTER_METRICS.waitingForCapacity] ? { ...sample, value } : sample,
      );
    const gpu = (value: number) => ({
      name: "DCGM_FI_DEV_GPU_UTIL",
      labels: { gpu: "0", namespace: "llm-serving", pod: "engine-0-a" },
      value,
    });
    const slow = firstTokens("engine-0-a");
    const withoutBuckets = idle.filter(({ name }) => name !== SERIES[ADAPTER_METRICS.ttftP95]);
    const cases: readonly (readonly [string, readonly object[], number])[] = [
      ["nothing", [...idle, gpu(gpuUtilizationPercent - 1)].map(constant), 0],
      ["nothing, without GPU metrics", idle.map(constant), 0],
      ["a queue just short", queued(waiting - 1).map(constant), 0],
      ["a queue", queued(waiting).map(constant), 1],
      ["a GPU", [...idle, gpu(gpuUtilizationPercent)].map(constant), 1],
      ["first tokens", [...withoutBuckets.map(constant), ...slow], 1],
      [
        "all three",
        [...queued(50).filter(({ name }) => name !== SERIES[ADAPTER_METRICS.ttftP95]), gpu(90)]
          .map(constant)
          .concat(slow),
        1,
      ],
    ];
    for (const [why, input, value] of cases) {
      const samples = [{ labels: `{model_name="${model}"}`, value }];
      expect({ why, ...promtool(input, [{ expr: hold, samples }]) }).toEqual({ why, ...SUCCESS });
      const wrong = [{ labels: `{model_name="${model}"}`, value: 1 - value }];
      expect(promtool(input, [{ expr: hold, samples: wrong }]).status).not.toBe(0);
    }
  });

  it("returns 0 for a model that is idle, and nothing for one that is not there", () => {
    const input = scraped(after, "engine-0-a").map(constant);
    const idle = [{ labels: `{model_name="${model}"}`, value: 0 }];
    expect(
      promtool(input, [
        { expr: perModel(model), samples: idle },
        { expr: perModel("absent"), samples: [] },
      ]),
    ).toEqual(SUCCESS);
    const [unguarded = ""] = perModel(model).split(" >= 0 or ");
    expect(promtool(input, [{ expr: unguarded, samples: idle }]).output).toContain("NaN");
  });
});
