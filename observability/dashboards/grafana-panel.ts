import type { GraphPanel, Panel, StatPanel } from "./dashboard";
import type {
  GrafanaFieldDefaults,
  GrafanaLink,
  GrafanaMapping,
  GrafanaPanel,
  GrafanaTarget,
  GrafanaThresholds,
  GrafanaVisualization,
} from "./grafana-model";
import { GRAFANA_UNITS } from "./grafana-units";
import type { PlacedPanel } from "./layout";

/** The Prometheus that is chosen at the dashboard's top. */
export const CHOSEN_PROMETHEUS = { type: "prometheus", uid: "$environment" } as const;

const STAT: GrafanaVisualization = {
  type: "stat",
  transparent: false,
  repeatDirection: "h",
  options: {
    graphMode: "area",
    colorMode: "value",
    justifyMode: "auto",
    textMode: "auto",
    wideLayout: true,
    showPercentChange: false,
    reduceOptions: { calcs: ["lastNotNull"] },
    percentChangeColorMode: "standard",
    orientation: "auto",
  },
};

const TIMESERIES: GrafanaVisualization = {
  type: "timeseries",
  transparent: false,
  repeatDirection: "h",
  options: {
    legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
    tooltip: { mode: "multi", sort: "desc" },
  },
};

/** A 0 and a 1, in words. */
const STATE_WORDS: GrafanaMapping = {
  type: "value",
  options: { "0": { text: "down", color: "red" }, "1": { text: "up", color: "green" } },
};

function thresholds(panel: Panel): GrafanaThresholds {
  const base = panel.kind === "stat" ? (panel.base ?? "green") : "green";
  const steps = (panel.thresholds ?? []).map(({ from, colour }) => ({ value: from, color: colour }));
  return { mode: "absolute", steps: [{ value: null, color: base }, ...steps] };
}

function targets(panel: Panel): GrafanaTarget[] {
  const instant = panel.kind === "stat" && panel.instant === true;
  return panel.queries.map(({ expression, legend }, index) => ({
    expr: expression.promql,
    refId: refId(index),
    legendFormat: legend,
    ...(instant && { instant, range: false }),
  }));
}

/** Grafana's name of a panel's query: A, B, C and so on. */
function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function statDefaults({ decimals }: StatPanel): Pick<GrafanaFieldDefaults, "color" | "decimals"> {
  return { color: { mode: "thresholds" }, decimals };
}

function graphDefaults(panel: GraphPanel): Pick<GrafanaFieldDefaults, "custom" | "max" | "min"> {
  const { stacked = false, max, thresholds: lines = [] } = panel;
  return {
    custom: {
      lineWidth: 1,
      fillOpacity: stacked ? 40 : 8,
      showPoints: "never",
      ...(stacked && { stacking: { mode: "normal" } }),
      ...(lines.length > 0 && { thresholdsStyle: { mode: "dashed" } }),
    },
    min: 0,
    max,
  };
}

function runbookLink(alert: string | undefined, url: string): GrafanaLink {
  return {
    title: `Runbook: ${alert}`,
    type: "link",
    icon: "",
    tooltip: "",
    tags: [],
    asDropdown: false,
    placement: "inControlsMenu",
    targetBlank: true,
    includeVars: false,
    keepTime: false,
    url,
  };
}

/** @param runbookUrl the page of the panel's alert, where it has one */
export function grafanaPanel({ panel, id, position }: PlacedPanel, runbookUrl: string | undefined): GrafanaPanel {
  return {
    ...(panel.kind === "stat" ? STAT : TIMESERIES),
    fieldConfig: {
      defaults: {
        ...(panel.kind === "stat" ? statDefaults(panel) : graphDefaults(panel)),
        unit: GRAFANA_UNITS[panel.unit],
        thresholds: thresholds(panel),
        ...(panel.unit === "state" && { mappings: [STATE_WORDS] }),
      },
      overrides: [],
    },
    id,
    gridPos: position,
    title: panel.title,
    description: panel.description,
    datasource: CHOSEN_PROMETHEUS,
    targets: targets(panel),
    ...(runbookUrl !== undefined && { links: [runbookLink(panel.alert, runbookUrl)] }),
  };
}
