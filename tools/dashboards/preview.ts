import type { Dashboard, Panel } from "../../observability/dashboards/dashboard";
import { drawDashboard } from "./draw-dashboard";
import { type NamedSeries, panelSeries } from "./panel-data";
import type { TimeRange } from "./range-query";

export interface PreviewOptions {
  /** Without a slash at its end. */
  readonly prometheusUrl: string;
  /** Back from {@link endSeconds}. */
  readonly lastSeconds: number;
  /** Unix seconds. */
  readonly endSeconds: number;
  readonly scrapeSeconds: number;
  readonly caption: string;
}

/** Points of a line: more than a narrow panel has pixels for says nothing more. */
const POINTS = 120;

function rangeOf({ lastSeconds, endSeconds, scrapeSeconds }: PreviewOptions): TimeRange {
  const step = Math.max(scrapeSeconds, Math.ceil(lastSeconds / POINTS));
  const end = Math.floor(endSeconds);
  return { start: end - Math.floor(lastSeconds / step) * step, end, step };
}

/**
 * A picture of each dashboard, by file name.
 * @throws Error with Prometheus' words where it cannot answer a query
 */
export async function preview(
  dashboards: readonly Dashboard[],
  options: PreviewOptions,
): Promise<Readonly<Record<string, string>>> {
  const range = rangeOf(options);
  const pictures: Record<string, string> = {};
  for (const dashboard of dashboards) {
    const series = new Map<Panel, readonly NamedSeries[]>();
    for (const panel of dashboard.rows.flatMap(({ panels }) => panels)) {
      series.set(panel, await panelSeries(options.prometheusUrl, panel, range, options.scrapeSeconds));
    }
    const { caption } = options;
    pictures[`${dashboard.uid}.svg`] = drawDashboard({ dashboard, range, series, caption });
  }
  return pictures;
}
