import type { GraphPanel, PanelUnit } from "../../observability/dashboards/dashboard";
import { clockText, timeTicks, valueTicks } from "./axis";
import { areaPath, linePath, type Plot, runs, type Scales, scales } from "./draw-lines";
import type { NamedSeries } from "./panel-data";
import type { Point, TimeRange } from "./range-query";
import { stack } from "./stack";
import { element, fitted, text, textWidth } from "./svg";
import { COLOURS, seriesColour, THEME } from "./theme";
import { valueText } from "./value-text";

const FONT = 11;
const VALUE_TICKS = 4;
/** Pixels between two times, at least. */
const TIME_TICK_WIDTH = 70;
const LEGEND_LINE = 16;
const LEGEND_LINES = 2;
/** Units whose larger names are not ten times the smaller ones: multiples of what are round, and from which value on. */
const BASES: Readonly<Partial<Record<PanelUnit, Readonly<Record<number, number>>>>> = {
  duration: { 86400: 259_200, 3600: 10_800, 60: 180 },
  mebibytes: { 1024: 2_048 },
  seconds: { 60: 60 },
};
/** Pixels from a legend's dash to the next one's, beside its name. */
const LEGEND_GAP = 30;

/** Lines over time, with axes, thresholds and a legend. */
export function drawGraph(panel: GraphPanel, series: readonly NamedSeries[], range: TimeRange, box: Plot): string {
  const legend = drawLegend(series, box);
  const bottom = legend.height + 18;
  const layers = panel.stacked === true ? stack(series, range) : undefined;
  const drawn = layers?.map(({ upper }) => upper) ?? series.map(({ points }) => points);
  const ticks = ticksOf(panel, topOf(panel, drawn));
  const labels = ticks.map((tick) => valueText(tick, panel.unit));
  const left = Math.max(...labels.map((label) => textWidth(label, FONT))) + 10;
  const plot = { x: box.x + left, y: box.y + 6, width: box.width - left - 10, height: box.height - bottom - 6 };
  const to = scales(plot, range, ticks.at(-1) ?? 1);
  return [
    ...ticks.map((tick, index) => valueTick(to.y(tick), labels[index] ?? "", plot)),
    ...timeTicks(range.start, range.end, Math.floor(plot.width / TIME_TICK_WIDTH)).map((time) =>
      timeTick(time, to, plot),
    ),
    ...(layers === undefined
      ? drawn.flatMap((points, index) => drawSeries(points, range.step, to, seriesColour(index)))
      : layers.map(({ upper, lower }, index) =>
          element("path", { d: areaPath(upper, lower, to), fill: seriesColour(index), "fill-opacity": "0.55" }),
        )),
    ...thresholdLines(panel, ticks.at(-1) ?? 1, to, plot),
    legend.drawn,
  ].join("");
}

function ticksOf({ unit }: GraphPanel, top: number): readonly number[] {
  if (unit === "state") return [0, 1];
  const base = Object.entries(BASES[unit] ?? {}).find(([, from]) => top >= from)?.[0];
  return valueTicks(top, VALUE_TICKS, base === undefined ? 1 : Number(base));
}

function topOf({ max, thresholds = [] }: GraphPanel, drawn: readonly (readonly Point[])[]): number {
  if (max !== undefined) return max;
  const values = drawn.flatMap((points) => points.map(([, value]) => value)).filter(Number.isFinite);
  const largest = Math.max(0, ...values);
  const limits = thresholds.map(({ from }) => from);
  if (largest === 0) return Math.min(...limits, 1);
  // A line that nearly is reached belongs into the picture.
  return Math.max(largest, ...limits.filter((from) => from <= largest * 2.5));
}

function valueTick(y: number, label: string, { x, width }: Plot): string {
  return [
    element("path", { d: `M${x} ${y.toFixed(1)}h${width.toFixed(1)}`, stroke: THEME.grid }),
    text(label, { x: x - 6, y: y + 4, fill: THEME.faint, "font-size": FONT, "text-anchor": "end" }),
  ].join("");
}

function timeTick(time: number, to: Scales, { y, height }: Plot): string {
  const x = to.x(time);
  return [
    element("path", { d: `M${x.toFixed(1)} ${y}v${height}`, stroke: THEME.grid }),
    text(clockText(time), { x, y: y + height + 14, fill: THEME.faint, "font-size": FONT, "text-anchor": "middle" }),
  ].join("");
}

function drawSeries(points: readonly Point[], step: number, to: Scales, colour: string): readonly string[] {
  return runs(points, step).map((run) => {
    const [first] = run;
    if (run.length === 1 && first !== undefined) {
      return element("circle", { cx: to.x(first[0]), cy: to.y(first[1]), r: 1.5, fill: colour });
    }
    const ground = run.map(([time]): Point => [time, 0]);
    return [
      element("path", { d: areaPath(run, ground, to), fill: colour, "fill-opacity": "0.07" }),
      element("path", { d: linePath(run, to), fill: "none", stroke: colour, "stroke-width": "1.3" }),
    ].join("");
  });
}

function thresholdLines({ thresholds = [] }: GraphPanel, top: number, to: Scales, plot: Plot): readonly string[] {
  return thresholds
    .filter(({ from }) => from <= top)
    .map(({ from, colour }) =>
      element("path", {
        d: `M${plot.x} ${to.y(from).toFixed(1)}h${plot.width.toFixed(1)}`,
        stroke: COLOURS[colour],
        "stroke-dasharray": "6 5",
        "stroke-opacity": "0.8",
      }),
    );
}

/** Names at the box's lower edge, in as many lines as there is room for; the rest is counted. */
function drawLegend(series: readonly NamedSeries[], box: Plot): { readonly drawn: string; readonly height: number } {
  const entries: { readonly x: number; readonly line: number; readonly name: string; readonly index: number }[] = [];
  let [x, line] = [0, 0];
  for (const [index, { name }] of series.entries()) {
    const shown = fitted(name, box.width - LEGEND_GAP, FONT);
    const width = textWidth(shown, FONT) + LEGEND_GAP;
    if (x > 0 && x + width > box.width) [x, line] = [0, line + 1];
    if (line >= LEGEND_LINES) break;
    entries.push({ x, line, name: shown, index });
    x += width;
  }
  const lines = (entries.at(-1)?.line ?? 0) + 1;
  const top = box.y + box.height - lines * LEGEND_LINE;
  const drawn = entries.map(({ x: left, line: at, name, index }) => {
    const y = top + at * LEGEND_LINE + 11;
    return [
      element("path", {
        d: `M${(box.x + left).toFixed(1)} ${y - 4}h12`,
        stroke: seriesColour(index),
        "stroke-width": 3,
      }),
      text(name, { x: box.x + left + 16, y, fill: THEME.text, "font-size": FONT }),
    ].join("");
  });
  return { drawn: drawn.join(""), height: lines * LEGEND_LINE };
}
