import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { dump } from "js-yaml";
import { ENGINE_METRICS } from "../../observability/metrics/engine-metrics";
import { GATEWAY_METRICS } from "../../observability/metrics/gateway-metrics";
import { type Expression, expression } from "../../observability/promql/expression";
import {
  absent,
  histogramQuantile,
  increase,
  maxOverTime,
  observationRateBelow,
  rate,
  sum,
} from "../../observability/promql/functions";
import { above, and, operate, or, unless } from "../../observability/promql/operators";
import { select, selector } from "../../observability/promql/select";
import { describeWith } from "../../testing/programs";
import { testRules } from "./promtool";

const { requests, ttft, queueLength } = GATEWAY_METRICS;

describe("select", () => {
  it("writes selectors as Prometheus prints them", () => {
    expect(select(requests, { route: "/til", status: { regex: "5.." }, method: { not: "GET" } }).promql).toBe(
      'gateway_requests_total{route="/til", status=~"5..", method!="GET"}',
    );
    expect(select(queueLength).promql).toBe("gateway_queue_length");
  });

  it("quotes any text so that the quotes end where they should", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const written = selector("up", { job: text });
        expect(JSON.parse(written.slice("up{job=".length, -1))).toBe(text);
      }),
    );
  });
});

describe("PromQL functions", () => {
  it("read the right part of a histogram", () => {
    expect(histogramQuantile(0.95, ttft, { by: ["task"], window: "5m" }).promql).toBe(
      "histogram_quantile(0.95, sum by (le, task) (rate(gateway_ttft_seconds_bucket[5m])))",
    );
    expect(observationRateBelow(2, ttft, "5m").promql).toBe('rate(gateway_ttft_seconds_bucket{le=~"2(\\\\.0)?"}[5m])');
    expect(observationRateBelow(0.5, GATEWAY_METRICS.requestDuration, "5m").promql).toBe(
      'rate(gateway_request_duration_seconds_bucket{le="0.5"}[5m])',
    );
  });

  it("throw for a bound that no bucket has: its series would never exist", () => {
    expect(() => observationRateBelow(2.5, ttft, "5m")).toThrow("has no bucket le=2.5");
    expect(() => observationRateBelow(2, ENGINE_METRICS.ttft, "5m")).toThrow(RangeError);
  });

  it("list the metrics that they read, each once", () => {
    const read = operate(sum(rate(select(requests), "5m")), "/", increase(select(requests), "1h"));
    expect(read.reads).toEqual([requests]);
    expect(and(read, absent(select(queueLength))).reads).toEqual([requests, queueLength]);
    expect(maxOverTime(select(queueLength), "5m").reads).toEqual([queueLength]);
  });
});

/** An expression and what it must be: a number, or nothing. */
interface Known {
  readonly expression: Expression;
  readonly value: number | undefined;
}

const leaf: fc.Arbitrary<Known> = fc
  .integer({ min: 1, max: 9 })
  .map((value) => ({ expression: expression(`vector(${value})`), value }));

const ARITHMETIC = {
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "*": (a: number, b: number) => a * b,
  "/": (a: number, b: number) => a / b,
} as const;
const COMPARISON = {
  ">": (a: number, b: number) => a > b,
  "<": (a: number, b: number) => a < b,
  "==": (a: number, b: number) => a === b,
} as const;

const both = (left: Known, right: Known, compute: (a: number, b: number) => number | undefined) =>
  left.value === undefined || right.value === undefined ? undefined : compute(left.value, right.value);

const { tree } = fc.letrec<{ tree: Known }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(tie("tree"), fc.constantFrom("+", "-", "*", "/"), tie("tree")).map(([left, operator, right]) => ({
      expression: operate(left.expression, operator, right.expression),
      value: both(left, right, ARITHMETIC[operator]),
    })),
    fc.tuple(tie("tree"), fc.constantFrom(">", "<", "=="), tie("tree")).map(([left, operator, right]) => ({
      expression: operate(left.expression, operator, right.expression),
      value: both(left, right, (a, b) => (COMPARISON[operator](a, b) ? a : undefined)),
    })),
    fc.tuple(tie("tree"), tie("tree")).map(([left, right]) => ({
      expression: and(left.expression, right.expression),
      value: right.value === undefined ? undefined : left.value,
    })),
    fc.tuple(tie("tree"), tie("tree")).map(([left, right]) => ({
      expression: or(left.expression, right.expression),
      value: left.value ?? right.value,
    })),
    fc.tuple(tie("tree"), tie("tree")).map(([left, right]) => ({
      expression: unless(left.expression, right.expression),
      value: right.value === undefined ? left.value : undefined,
    })),
  ),
}));

/** Asks Prometheus what each text is. */
function evaluate(cases: readonly { readonly promql: string; readonly value: number | undefined }[]) {
  const tests = [
    {
      interval: "1m",
      promql_expr_test: cases.map(({ promql, value }) => ({
        expr: promql,
        eval_time: "1m",
        exp_samples: value === undefined ? [] : [{ labels: "{}", value }],
      })),
    },
  ];
  return testRules({}, { "operators.yaml": dump({ tests }, { lineWidth: -1 }) });
}

describeWith(["promtool"], "brackets of operators", () => {
  // What is divided by a difference of nothing, or is so large that it rounds, shows nothing about brackets.
  const finite = ({ value }: Known) => value === undefined || (Number.isFinite(value) && Math.abs(value) < 1e9);
  const trees = fc.sample(tree.filter(finite), { numRuns: 400, seed: 20261121 });

  it("give any tree of operators the value that Prometheus computes", () => {
    const operations = trees.filter((known) => known.expression.operation === true);
    expect(operations.length).toBeGreaterThan(200);
    const cases = trees.map((known) => ({ promql: known.expression.promql, value: known.value }));
    expect(evaluate(cases)).toMatchObject({ status: 0, output: expect.stringContaining("SUCCESS") });
  });

  it("are needed: without them the same trees have other values", () => {
    const withoutBrackets = (promql: string) =>
      promql
        .replace(/vector\((\d)\)/g, "leaf$1")
        .replace(/[()]/g, "")
        .replace(/leaf(\d)/g, "vector($1)");
    const bare = trees.map(({ expression: { promql }, value }) => ({ promql: withoutBrackets(promql), value }));
    const { status, output } = evaluate(bare);
    expect(status).not.toBe(0);
    expect(output).not.toContain("parse error");
  });

  it("enclose an alternative that is compared", () => {
    const two = or(expression("vector(1) > 2"), expression("vector(3)"));
    expect(above(two, 2).promql).toBe("(vector(1) > 2 or vector(3)) > 2");
  });
});
