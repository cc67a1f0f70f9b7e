import type { Counter, Histogram } from "../metrics/metric";
import type { Expression } from "../promql/expression";
import { histogramQuantile, type Range, rate, sum } from "../promql/functions";
import { divide, operate, or } from "../promql/operators";
import { type Matchers, select } from "../promql/select";
import type { Query } from "./dashboard";

/** Window of a graph's rates. */
export const AT_RESOLUTION: Range = "$__rate_interval";

/** Median, 95th and 99th percentile of everything that matches. */
export function quantiles<H extends Histogram>(of: H, matchers: Matchers<H> = {}): readonly [Query, Query, Query] {
  const quantile = (share: number): Query => ({
    expression: histogramQuantile(share, of, { window: AT_RESOLUTION, matchers }),
    legend: `p${share * 100}`,
  });
  return [quantile(0.5), quantile(0.95), quantile(0.99)];
}

/** Sum of a counter's rates, by labels. */
export function rateBy<C extends Counter>(
  of: C,
  by: readonly C["labels"][number][] = [],
  matchers: Matchers<C> = {},
): Expression {
  return sum(rate(select(of, matchers), AT_RESOLUTION), by);
}

/** A part of a whole, 0 and not absent while the part's series do not exist yet; NaN where the whole is 0. */
export function share(part: Expression, whole: Expression): Expression {
  return divide(or(part, operate(whole, "*", 0)), whole);
}
