import type { Metric } from "../../observability/metrics/metric";
import { parsePrometheusText } from "../constructs/prometheus-text";

export interface RecordedMetric {
  readonly type: string;
  /** Of its series, without `le`. */
  readonly labels: readonly string[];
  /** Upper bounds of its buckets. */
  readonly bounds: readonly number[];
}

/** What a page in Prometheus' text format shows, by metric. */
export function parseExposition(page: string): ReadonlyMap<string, RecordedMetric> {
  const types = [...page.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = "", type = ""]) => [name, type] as const);
  const samples = parsePrometheusText(page);
  return new Map(
    types.map(([name, type]) => {
      const own = samples.filter((sample) =>
        type === "histogram" ? sample.name === `${name}_bucket` : sample.name === name,
      );
      return [
        name,
        {
          type,
          labels: [...new Set(own.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== "le"),
          bounds: own.flatMap(({ labels: { le } }) => (le === undefined ? [] : [Number(le)])),
        },
      ];
    }),
  );
}

/** Labels that a scrape adds, which an exporter for other targets has of its own. */
const TARGET_LABELS = ["namespace", "node", "pod"];

/** In what a metric of the contract is not as it was recorded, a line each. */
export function disagreements(metric: Metric, recorded: ReadonlyMap<string, RecordedMetric>): readonly string[] {
  const found = recorded.get(metric.name);
  if (found === undefined) return [`${metric.name} is not exposed`];
  if (found.type !== metric.type) return [`${metric.name} is a ${found.type}, not a ${metric.type}`];
  const missing = metric.labels.filter((label) => !found.labels.includes(label));
  const unknown = metric.emitter === "gateway" ? found.labels.filter((label) => !isKnown(metric, label)) : [];
  const bounds = metric.type === "histogram" ? metric.bounds.filter((bound) => !found.bounds.includes(bound)) : [];
  return [
    ...missing.map((label) => `${metric.name} has no label ${label}`),
    ...unknown.map((label) => `${metric.name} has a label ${label} that the contract does not know`),
    ...bounds.map((bound) => `${metric.name} has no bucket le=${bound}`),
  ];
}

function isKnown(metric: Metric, label: string): boolean {
  return metric.labels.includes(label) || TARGET_LABELS.includes(label);
}
