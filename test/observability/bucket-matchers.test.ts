import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { prometheusAdapterValues } from "../../constructs/gke/prometheus-adapter-values";
import { histogram } from "../../observability/metrics/metric";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { observationRateBelow } from "../../observability/promql/functions";
import { bucketMatch, selector } from "../../observability/promql/select";
import { FILES } from "./dashboards/some-dashboards";

const CHARTS = join(__dirname, "../../charts");

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) yield* stringsOf(one);
}

/** Matchers of `le` that find nothing in Prometheus 2 or nothing in Prometheus 3. */
function matchersOfOneVersion(text: string): readonly string[] {
  const matchers = [...text.matchAll(/\ble\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|'[^']*')/g)].map(([found]) => found);
  const ofBoth = /^le=(?:~"\d+\(\\\\\.0\)\?"|"\d+\.\d*[1-9]"|"\+Inf")$/;
  return matchers.filter((matcher) => !ofBoth.test(matcher));
}

const chartFiles = readdirSync(CHARTS, { recursive: true, encoding: "utf8" }).filter((file) =>
  /\.(?:ya?ml|tpl)$/.test(file),
);
const adapter = prometheusAdapterValues({
  registries: { "docker-hub": "d", ghcr: "g", kubernetes: "k", nvcr: "n", quay: "q" },
  prometheusNamespace: "monitoring",
});
const RENDERED: readonly (readonly [string, readonly string[]])[] = [
  ["the rules", Object.values(ruleFiles("docs/runbooks")).flatMap((text) => [...stringsOf(load(text))])],
  ["the dashboards", Object.values(FILES).flatMap((text) => [...stringsOf(JSON.parse(text))])],
  ["the metrics adapter's rules", [...stringsOf(adapter)]],
  ["the charts", chartFiles.map((file) => readFileSync(join(CHARTS, file), "utf8"))],
];

describe("bucketMatch", () => {
  it.each(RENDERED)(
    "makes every matcher of a bucket in %s, so that both versions of Prometheus find it",
    (_, texts) => {
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.flatMap(matchersOfOneVersion)).toEqual([]);
    },
  );

  it("is used by the first token's objective", () => {
    expect(Object.values(ruleFiles("docs/runbooks")).join("\n")).toContain(selector("", { le: bucketMatch(2) }));
  });

  it.each([
    'rate(x_bucket{le="2"}[5m])',
    'rate(x_bucket{le="2.0", task="til"}[5m])',
    'x_bucket{task="til",le!="10"}',
    'x_bucket{le=~"1|2"}',
    "x_bucket{le='2'}",
  ])("is missed in a planted %s", (planted) => {
    expect(matchersOfOneVersion(planted)).toHaveLength(1);
  });

  it.each(["2", "2.0"])("finds le=%s, and neither 20 nor 2x0", (stored) => {
    const match = bucketMatch(2);
    const pattern = new RegExp(`^(?:${typeof match === "object" && "regex" in match ? match.regex : ""})$`);
    expect(pattern.test(stored)).toBe(true);
    expect(["20", "2x0", "12", "2.5"].filter((other) => pattern.test(other))).toEqual([]);
  });

  it("throws for a bound that is stored with an exponent", () => {
    const size = histogram({ name: "x_bytes", unit: "bytes", bounds: [2e6], help: "", emitter: "gateway" });
    expect(() => observationRateBelow(2e6, size, "5m")).toThrow("le=2000000 is stored with an exponent");
  });
});
