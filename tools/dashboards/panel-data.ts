import type { Panel } from "../../observability/dashboards/dashboard";
import { instantQuery, type LabelledSeries, type Point, rangeQuery, type TimeRange } from "./range-query";

/** A series under the name that its legend gives it. */
export interface NamedSeries {
  readonly name: string;
  readonly points: readonly Point[];
}

/** A rate needs four scrapes, as Grafana has it. */
const SCRAPES_FOR_A_RATE = 4;

/**
 * A panel's query with everything chosen, as Grafana asks it.
 * @param scrapeSeconds between two scrapes
 */
export function filledIn(promql: string, { step }: TimeRange, scrapeSeconds: number): string {
  const window = Math.ceil(Math.max(step + scrapeSeconds, SCRAPES_FOR_A_RATE * scrapeSeconds));
  return promql.replaceAll("$__rate_interval", `${window}s`).replaceAll(/\$(?:instance|model|pod)\b/g, ".*");
}

export function named(legend: string, { labels, points }: LabelledSeries): NamedSeries {
  return { name: legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? ""), points };
}

/** What a panel shows over a range. */
export async function panelSeries(
  url: string,
  panel: Panel,
  range: TimeRange,
  scrapeSeconds: number,
): Promise<readonly NamedSeries[]> {
  const instant = panel.kind === "stat" && panel.instant === true;
  const answers = await Promise.all(
    panel.queries.map(async ({ expression, legend }) => {
      const promql = filledIn(expression.promql, range, scrapeSeconds);
      const series = await (instant ? instantQuery(url, promql, range.end) : rangeQuery(url, promql, range));
      return series.map((one) => named(legend, one));
    }),
  );
  return answers.flat();
}
