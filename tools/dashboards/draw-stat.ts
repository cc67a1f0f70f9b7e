import type { StatPanel } from "../../observability/dashboards/dashboard";
import { areaPath, linePath, type Plot, runs, scales } from "./draw-lines";
import type { NamedSeries } from "./panel-data";
import type { Point, TimeRange } from "./range-query";
import { element, text } from "./svg";
import { valueColour } from "./theme";
import { valueText } from "./value-text";

const FONT = 34;
/** Share of the height that the line behind the number takes. */
const SPARKLINE = 0.42;

/** The last number, large, with its line behind it. */
export function drawStat(panel: StatPanel, series: readonly NamedSeries[], range: TimeRange, box: Plot): string {
  const points = series[0]?.points.filter(([, value]) => Number.isFinite(value)) ?? [];
  const last = points.at(-1);
  if (last === undefined) return "";
  const colour = valueColour(panel, last[1]);
  const value = text(valueText(last[1], panel.unit, panel.decimals), {
    x: box.x + box.width / 2,
    y: box.y + box.height * 0.52,
    fill: colour,
    "font-size": FONT,
    "font-weight": "600",
    "text-anchor": "middle",
  });
  return `${panel.instant === true ? "" : sparkline(points, range, box, colour)}${value}`;
}

function sparkline(points: readonly Point[], range: TimeRange, box: Plot, colour: string): string {
  const height = box.height * SPARKLINE;
  const plot = { x: box.x, y: box.y + box.height - height, width: box.width, height };
  const top = Math.max(...points.map(([, value]) => value)) * 1.1;
  const to = scales(plot, range, top > 0 ? top : 1);
  return runs(points, range.step)
    .filter((run) => run.length > 1)
    .map((run) =>
      [
        element("path", {
          d: areaPath(
            run,
            run.map(([time]): Point => [time, 0]),
            to,
          ),
          fill: colour,
          "fill-opacity": "0.15",
        }),
        element("path", { d: linePath(run, to), fill: "none", stroke: colour, "stroke-opacity": "0.7" }),
      ].join(""),
    )
    .join("");
}
