import type { Dashboard, Panel } from "../../observability/dashboards/dashboard";
import {
  GRID_COLUMNS,
  type GridPosition,
  heightOf,
  layout,
  type PlacedPanel,
} from "../../observability/dashboards/layout";
import { clockText } from "./axis";
import { drawGraph } from "./draw-graph";
import type { Plot } from "./draw-lines";
import { drawStat } from "./draw-stat";
import type { NamedSeries } from "./panel-data";
import type { TimeRange } from "./range-query";
import { element, fitted, text } from "./svg";
import { THEME } from "./theme";

const WIDTH = 1_440;
const MARGIN = 12;
/** Grafana's grid: rows of 30 pixels, 8 between them. */
const CELL = { height: 30, gap: 8 } as const;
const HEADER_HEIGHT = 56;
const FOOTER_HEIGHT = 28;
const TITLE_HEIGHT = 30;
const PADDING = 10;

export interface DashboardData {
  readonly dashboard: Dashboard;
  readonly range: TimeRange;
  /** What a panel shows. */
  readonly series: ReadonlyMap<Panel, readonly NamedSeries[]>;
  /** Below the panels: where the numbers come from. */
  readonly caption: string;
}

/** A dashboard as one picture, laid out as Grafana lays it out. */
export function drawDashboard({ dashboard, range, series, caption }: DashboardData): string {
  const rows = layout(dashboard);
  const height = HEADER_HEIGHT + heightOf(rows) * (CELL.height + CELL.gap) + FOOTER_HEIGHT;
  const title = `${dashboard.title}: ${dashboard.description}`;
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "img",
      "font-family": THEME.font,
    },
    element("title", {}, title.replace(/[&<>]/g, " ")),
    element("rect", { width: WIDTH, height, fill: THEME.canvas }),
    header(dashboard, range),
    ...rows.flatMap(({ row, position, panels }) => [
      rowTitle(row.title, boxOf(position)),
      ...panels.map((placed) => drawPanel(placed, series.get(placed.panel) ?? [], range)),
    ]),
    text(caption, { x: MARGIN, y: height - 10, fill: THEME.faint, "font-size": 12 }),
  )}\n`;
}

function boxOf({ x, y, w, h }: GridPosition): Plot {
  const column = (WIDTH - 2 * MARGIN + CELL.gap) / GRID_COLUMNS;
  return {
    x: MARGIN + x * column,
    y: HEADER_HEIGHT + y * (CELL.height + CELL.gap),
    width: w * column - CELL.gap,
    height: h * (CELL.height + CELL.gap) - CELL.gap,
  };
}

function header({ title, variables }: Dashboard, { start, end }: TimeRange): string {
  const chosen = ["Environment  local", ...variables.map(({ label }) => `${label}  All`)].join("      ");
  return [
    text(title, { x: MARGIN, y: 24, fill: THEME.text, "font-size": 18, "font-weight": "600" }),
    text(chosen, { x: MARGIN, y: 45, fill: THEME.faint, "font-size": 12, "xml:space": "preserve" }),
    text(`${day(end)} ${clockText(start)} to ${clockText(end)} UTC`, {
      x: WIDTH - MARGIN,
      y: 24,
      fill: THEME.faint,
      "font-size": 12,
      "text-anchor": "end",
    }),
  ].join("");
}

function day(unixSeconds: number): string {
  return new Date(unixSeconds * 1_000).toISOString().slice(0, 10);
}

function rowTitle(title: string, { x, y, height }: Plot): string {
  return text(title, { x: x + 2, y: y + height - 9, fill: THEME.text, "font-size": 14, "font-weight": "600" });
}

function drawPanel({ panel, position }: PlacedPanel, series: readonly NamedSeries[], range: TimeRange): string {
  const box = boxOf(position);
  const inside = {
    x: box.x + PADDING,
    y: box.y + TITLE_HEIGHT,
    width: box.width - 2 * PADDING,
    height: box.height - TITLE_HEIGHT - PADDING / 2,
  };
  return element(
    "g",
    {},
    element("rect", { ...box, rx: 2, fill: THEME.panel, stroke: THEME.border }),
    text(fitted(panel.title, inside.width, 13), {
      x: inside.x,
      y: box.y + 20,
      fill: THEME.text,
      "font-size": 13,
      "font-weight": "500",
    }),
    series.every(({ points }) => points.length === 0) ? noData(inside) : contents(panel, series, range, inside),
  );
}

function contents(panel: Panel, series: readonly NamedSeries[], range: TimeRange, box: Plot): string {
  return panel.kind === "stat" ? drawStat(panel, series, range, box) : drawGraph(panel, series, range, box);
}

function noData({ x, y, width, height }: Plot): string {
  const place = { x: x + width / 2, y: y + height / 2, "text-anchor": "middle" };
  return text("No data", { ...place, fill: THEME.faint, "font-size": 13 });
}
