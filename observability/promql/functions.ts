import type { Counter, Gauge, Histogram, TargetLabel } from "../metrics/metric";
import type { Duration } from "./duration";
import { type Expression, expression, type Selector } from "./expression";
import { bucketMatch, type Matchers, selector } from "./select";

/**
 * Window of a function. Grafana fills the two others in: `$__rate_interval` with what fits a panel's
 * resolution and is never less than four scrapes, `$__range` with what the dashboard shows. Rules take durations alone.
 */
export type Range = Duration | "$__range" | "$__rate_interval";

/** Increase a second. Of counters alone: a gauge's rate means nothing. */
export function rate(of: Selector<Counter>, window: Range): Expression {
  return expression(`rate(${of.promql}[${window}])`, of);
}

export function increase(of: Selector<Counter>, window: Range): Expression {
  return expression(`increase(${of.promql}[${window}])`, of);
}

export function avgOverTime(of: Selector<Gauge>, window: Range): Expression {
  return expression(`avg_over_time(${of.promql}[${window}])`, of);
}

export function maxOverTime(of: Selector<Gauge>, window: Range): Expression {
  return expression(`max_over_time(${of.promql}[${window}])`, of);
}

export function minOverTime(of: Selector<Gauge>, window: Range): Expression {
  return expression(`min_over_time(${of.promql}[${window}])`, of);
}

/** How often a gauge changed. */
export function changes(of: Selector<Gauge>, window: Range): Expression {
  return expression(`changes(${of.promql}[${window}])`, of);
}

/** Value of a series that is gone now, as of then. */
export function offset(of: Selector, window: Duration): Expression {
  return expression(`${of.promql} offset ${window}`, of);
}

/** The evaluation's own time, in unix seconds. */
export function now(): Expression {
  return expression("time()");
}

/** 1 while no such series exists. What a missing target needs: a sum over nothing is nothing, and never fires. */
export function absent(of: Selector): Expression {
  return expression(`absent(${of.promql})`, of);
}

type Aggregation = "avg" | "count" | "max" | "min" | "sum";

/** Aggregates over everything but these labels. */
export function aggregate(how: Aggregation, of: Expression, by: readonly string[] = []): Expression {
  const grouping = by.length === 0 ? "" : ` by (${by.join(", ")})`;
  return expression(`${how}${grouping} (${of.promql})`, of);
}

export function sum(of: Expression, by: readonly string[] = []): Expression {
  return aggregate("sum", of, by);
}

export function max(of: Expression, by: readonly string[] = []): Expression {
  return aggregate("max", of, by);
}

type HistogramLabel<H extends Histogram> = H["labels"][number] | TargetLabel;

/** Seconds (or the histogram's unit) below which a share of the observations lies; NaN without observations. */
export function histogramQuantile<H extends Histogram>(
  quantile: number,
  of: H,
  options: { readonly by?: readonly HistogramLabel<H>[]; readonly window: Range; readonly matchers?: Matchers<H> },
): Expression {
  const buckets = selector(`${of.name}_bucket`, options.matchers ?? {});
  const by = ["le", ...(options.by ?? [])].join(", ");
  return {
    reads: [of],
    promql: `histogram_quantile(${quantile}, sum by (${by}) (rate(${buckets}[${options.window}])))`,
  };
}

/** Observations a second of a histogram. */
export function observationRate<H extends Histogram>(of: H, window: Range, matchers: Matchers<H> = {}): Expression {
  return { reads: [of], promql: `rate(${selector(`${of.name}_count`, matchers)}[${window}])` };
}

/** Sum of the observations, a second. */
export function observedRate<H extends Histogram>(of: H, window: Range, matchers: Matchers<H> = {}): Expression {
  return { reads: [of], promql: `rate(${selector(`${of.name}_sum`, matchers)}[${window}])` };
}

/**
 * Observations a second that were at most `bound`.
 * @throws RangeError where the histogram has no such bucket: the series would never exist, and the rule never fire
 */
export function observationRateBelow<H extends Histogram>(
  bound: number,
  of: H,
  window: Range,
  matchers: Matchers<H> = {},
): Expression {
  if (!of.bounds.includes(bound)) {
    throw new RangeError(`${of.name} has no bucket le=${bound}; it has ${of.bounds.join(", ")}`);
  }
  const buckets = selector(`${of.name}_bucket`, { ...matchers, le: bucketMatch(bound) });
  return { reads: [of], promql: `rate(${buckets}[${window}])` };
}
