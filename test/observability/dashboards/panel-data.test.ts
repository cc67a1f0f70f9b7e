import { expect, it } from "@jest/globals";
import { dump } from "js-yaml";
import { sloRecordings } from "../../../observability/slo/burn-rate";
import { OBJECTIVES } from "../../../observability/slo/objective";
import { describeWith } from "../../../testing/programs";
import { checkRules, testRules } from "../promtool";
import { MINUTES, recordedSeries, type Step } from "./recorded-growth";
import { type PanelQuery, panelQueries } from "./some-dashboards";

/** As Grafana fills a query in, with everything chosen. */
function filledIn(promql: string): string {
  return promql.replaceAll("$__rate_interval", "5m").replaceAll(/\$(?:instance|model|pod)\b/g, ".*");
}

const QUERIES = panelQueries();
/** What the rules record and panels read. */
const RECORDED = {
  "slo.yaml": dump({
    groups: [
      {
        name: "slo",
        rules: OBJECTIVES.flatMap(sloRecordings).map(({ record, expression }) => ({ record, expr: expression.promql })),
      },
    ],
  }),
};

/** What exists on one step only: Kubernetes' objects, and what a VM's boot writes. */
const ONLY_ON: Readonly<Record<string, Step>> = {
  "kube-state-metrics": "cluster",
  kubelet: "cluster",
  terrace_model_ready: "vm",
};

function existsOn(step: Step, { query }: PanelQuery): boolean {
  return query.expression.reads.every(({ name, emitter }) => (ONLY_ON[name] ?? ONLY_ON[emitter] ?? step) === step);
}

/** A test in which each query must have a number, and not only NaN, after half an hour of what was recorded. */
function dataTest(step: Step, queries: readonly PanelQuery[]): Readonly<Record<string, string>> {
  return {
    [`${step}.yaml`]: dump({
      rule_files: ["../rules/slo.yaml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: recordedSeries(step),
          promql_expr_test: queries.map(({ query }) => ({
            expr: `count((${filledIn(query.expression.promql)}) >= -Inf) > bool 0`,
            eval_time: `${MINUTES}m`,
            exp_samples: [{ labels: "{}", value: 1 }],
          })),
        },
      ],
    }),
  };
}

describeWith(["promtool"], "queries of the panels under promtool", () => {
  it("parse, every one", () => {
    const rules = QUERIES.map(({ query }, index) => ({
      record: `panel:query:${index}`,
      expr: filledIn(query.expression.promql),
    }));
    const { status, output } = checkRules({ "panels.yaml": dump({ groups: [{ name: "panels", rules }] }) });
    expect({ status, output }).toEqual({
      status: 0,
      output: expect.stringContaining(`SUCCESS: ${QUERIES.length} rules found`),
    });
  });

  it.each<Step>(["vm", "cluster"])("find data for every panel in the recorded metrics of the %s", (step) => {
    const queries = QUERIES.filter((query) => existsOn(step, query));
    expect(queries.length).toBeGreaterThan(QUERIES.length * 0.9);
    expect(testRules(RECORDED, dataTest(step, queries))).toEqual({
      status: 0,
      output: expect.not.stringContaining("FAILED"),
    });
  });

  it.each([
    ["a metric that nobody exposes", "gateway_active_users", "gateway_users_active"],
    ["a label that was renamed", 'model_name=~"', 'model=~"vllm'],
    ["a class of tokens that there is not", 'kind="completion"', 'kind="output"'],
    ["a counter without its suffix", "vllm:num_preemptions_total", "vllm:num_preemptions"],
  ])("fail with %s", (_, text, replacement) => {
    const found = QUERIES.find(({ query }) => query.expression.promql.includes(text));
    if (found === undefined) throw new Error(`no query has ${text}`);
    const promql = found.query.expression.promql.replaceAll(text, replacement);
    const planted = { ...found, query: { ...found.query, expression: { ...found.query.expression, promql } } };
    expect(testRules(RECORDED, dataTest("vm", [found])).status).toBe(0);
    expect(testRules(RECORDED, dataTest("vm", [planted])).status).toBe(1);
  });
});
