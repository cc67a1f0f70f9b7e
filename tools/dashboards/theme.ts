import type { Colour, StatPanel } from "../../observability/dashboards/dashboard";

/** Grafana's dark theme, nearly. */
export const THEME = {
  canvas: "#111217",
  panel: "#181b1f",
  border: "#2a2d34",
  grid: "#262930",
  text: "#d0d0dc",
  faint: "#8f909c",
  font: "Inter, Helvetica, Arial, sans-serif",
} as const;

export const COLOURS: Readonly<Record<Colour, string>> = { green: "#73bf69", orange: "#ff9830", red: "#f2495c" };

const SERIES = [
  "#73bf69",
  "#f2cc0c",
  "#8ab8ff",
  "#ff780a",
  "#f2495c",
  "#b877d9",
  "#37872d",
  "#5794f2",
  "#fade2a",
  "#c15c17",
  "#6ed0e0",
  "#e0b4ff",
];

export function seriesColour(index: number): string {
  return SERIES[index % SERIES.length] ?? THEME.text;
}

/** Colour of a value by the panel's thresholds. */
export function valueColour({ thresholds = [], base = "green" }: StatPanel, value: number): string {
  const reached = thresholds.filter(({ from }) => value >= from).at(-1);
  return COLOURS[reached?.colour ?? base];
}
