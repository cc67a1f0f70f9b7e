import type { Metric, TargetLabel } from "../metrics/metric";
import type { Selector } from "./expression";

/** A label must equal the text, or satisfy the matcher. */
export type Match = string | { readonly not: string } | { readonly regex: string } | { readonly notRegex: string };

type LabelOf<M extends Metric> = M["labels"][number] | TargetLabel;

/** Matchers by label. A label that the metric does not have does not compile. */
export type Matchers<M extends Metric> = { readonly [Label in LabelOf<M>]?: Match };

/** Series of a metric. Of a histogram, `histogramQuantile` and `observationRateBelow` choose the parts. */
export function select<M extends Metric>(metric: M, matchers: Matchers<M> = {}): Selector<M> {
  return { metric, reads: [metric], promql: selector(metric.name, matchers) };
}

export function selector(name: string, matchers: Readonly<Record<string, Match | undefined>>): string {
  const parts = Object.entries(matchers).flatMap(([label, match]) =>
    match === undefined ? [] : [matcher(label, match)],
  );
  return parts.length === 0 ? name : `${name}{${parts.join(", ")}}`;
}

function matcher(label: string, match: Match): string {
  if (typeof match === "string") return `${label}=${JSON.stringify(match)}`;
  if ("not" in match) return `${label}!=${JSON.stringify(match.not)}`;
  if ("regex" in match) return `${label}=~${JSON.stringify(match.regex)}`;
  return `${label}!~${JSON.stringify(match.notRegex)}`;
}

/**
 * Matches the bucket of one upper bound. Prometheus 2 stores a whole number as the page shows it, `2` or `2.0`;
 * Prometheus 3 always as `2.0`. Source: https://prometheus.io/docs/prometheus/3.5/migration/#le-and-quantile-label-values
 * @throws RangeError for a bound that Prometheus writes with an exponent
 */
export function bucketMatch(bound: number): Match {
  if (bound !== 0 && !(bound >= 1e-4 && bound < 1e6)) {
    throw new RangeError(`le=${bound} is stored with an exponent: no rule reads such a bucket yet`);
  }
  return Number.isInteger(bound) ? { regex: `${bound}(\\.0)?` } : String(bound);
}

/**
 * By machine on VMs, where no series has a pod; by pod in the cluster, where `instance` is its address. The node is kept,
 * because an alert about it silences those about its pods.
 */
export const BY_TARGET: readonly TargetLabel[] = ["instance", "node", "pod"];

/** The gateways' scrape. The Prometheus operator names a PodMonitor's job `namespace/name`. */
export const GATEWAY_JOB = { regex: "(.+/)?gateway" };
/** The machines' own scrape: on VMs, and in kube-prometheus-stack. */
export const NODE_JOBS = { regex: "node|node-exporter" };
