import { ALERTS } from "../alerts/alert-catalogue";
import { runbookFile } from "../rules/alert";
import type { Dashboard, Panel, Variable } from "./dashboard";
import { FIRING_ALERTS } from "./firing-alerts";
import type {
  GrafanaAnnotation,
  GrafanaDashboard,
  GrafanaLink,
  GrafanaPanel,
  GrafanaRow,
  GrafanaVariable,
} from "./grafana-model";
import { CHOSEN_PROMETHEUS, grafanaPanel } from "./grafana-panel";
import { layout, type PlacedRow } from "./layout";

/** When alerts fired, as marks in every graph. */
const ALERT_MARKS: GrafanaAnnotation = {
  name: "Alerts",
  enable: true,
  hide: false,
  iconColor: "red",
  builtIn: 0,
  placement: "inControlsMenu",
  datasource: CHOSEN_PROMETHEUS,
  expr: FIRING_ALERTS.promql,
  titleFormat: "{{alertname}}",
  step: "60s",
};

/** Tag of every dashboard; the links between them are made of it. */
const TAG = "terrace";

const OTHER_DASHBOARDS: GrafanaLink = {
  title: "Dashboards",
  type: "dashboards",
  icon: "",
  tooltip: "",
  tags: [TAG],
  asDropdown: true,
  targetBlank: false,
  includeVars: false,
  keepTime: true,
};

/**
 * The Prometheus of each environment. Its series have no label of their environment: that is an external label, added
 * to what leaves it.
 */
const ENVIRONMENT: GrafanaVariable = {
  type: "datasource",
  name: "environment",
  skipUrlSync: false,
  multi: false,
  allowCustomValue: true,
  includeAll: false,
  auto: false,
  auto_min: "10s",
  auto_count: 30,
  label: "Environment",
  query: "prometheus",
};

function variable({ name, label, series, values }: Variable): GrafanaVariable {
  return {
    type: "query",
    name,
    skipUrlSync: false,
    multi: true,
    allowCustomValue: true,
    includeAll: true,
    auto: false,
    auto_min: "10s",
    auto_count: 30,
    label,
    datasource: CHOSEN_PROMETHEUS,
    query: { query: `label_values(${series.promql}, ${values})`, refId: name },
    refresh: 2,
    sort: 1,
    allValue: ".*",
    current: { selected: true, text: ["All"], value: ["$__all"] },
  };
}

function runbookUrl({ title, alert: name }: Panel, runbooksUrl: string): string | undefined {
  if (name === undefined) return undefined;
  const alert = ALERTS.find((candidate) => candidate.name === name);
  if (alert === undefined) throw new RangeError(`Panel "${title}": there is no alert ${name}`);
  return `${runbooksUrl}/${runbookFile(alert)}`;
}

function grafanaRow({ row, id, position: { x, y, w, h } }: PlacedRow): GrafanaRow {
  // The order that the first row's keys always had: another one would replace the file on every machine.
  const gridPos = y === 0 ? { x, y, h, w } : { x, y, w, h };
  return { type: "row", collapsed: false, id, panels: [], title: row.title, gridPos };
}

/**
 * Grafana's JSON model of a dashboard.
 * @param runbooksUrl where the pages of docs/runbooks are read, without a slash at its end
 * @throws RangeError where a panel names an alert that there is not
 */
export function grafanaDashboard(dashboard: Dashboard, runbooksUrl: string): GrafanaDashboard {
  const panels = layout(dashboard).flatMap((placedRow): (GrafanaPanel | GrafanaRow)[] => [
    grafanaRow(placedRow),
    ...placedRow.panels.map((placed) => grafanaPanel(placed, runbookUrl(placed.panel, runbooksUrl))),
  ]);
  return {
    timezone: "browser",
    // A change by hand would be lost with the next restart: the source is in the repository.
    editable: false,
    graphTooltip: 1,
    fiscalYearStartMonth: 0,
    schemaVersion: 42,
    templating: { list: [ENVIRONMENT, ...dashboard.variables.map(variable)] },
    annotations: { list: [ALERT_MARKS] },
    title: dashboard.title,
    uid: dashboard.uid,
    description: dashboard.description,
    tags: [TAG],
    time: { from: `now-${dashboard.shows}`, to: "now" },
    refresh: "1m",
    links: [OTHER_DASHBOARDS],
    panels,
  };
}
