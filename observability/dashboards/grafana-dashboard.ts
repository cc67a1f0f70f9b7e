import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { ALERTS } from "../alerts/catalogue";
import { runbookFile } from "../rules/alert";
import type { Dashboard, Panel, Variable } from "./dashboard";
import { FIRING_ALERTS } from "./firing-alerts";
import { CHOSEN_PROMETHEUS, grafanaPanel } from "./grafana-panel";
import { layout } from "./layout";

/** When alerts fired, as marks in every graph. */
const ALERT_MARKS = new AnnotationQueryBuilder()
  .name("Alerts")
  .datasource({ ...CHOSEN_PROMETHEUS })
  .enable(true)
  .iconColor("red")
  .expr(FIRING_ALERTS.promql)
  .titleFormat("{{alertname}}")
  .step("60s");

/** Tag of every dashboard; the links between them are made of it. */
const TAG = "terrace";

/**
 * Which Prometheus is asked. Each environment has its own, and what it stores does not say its environment: that is an
 * external label, which is put on what leaves it.
 */
const ENVIRONMENT = new DatasourceVariableBuilder("environment").label("Environment").type("prometheus");

function variable({ name, label, series, values }: Variable): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource({ ...CHOSEN_PROMETHEUS })
    .query({ query: `label_values(${series.promql}, ${values})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}

function runbookUrl({ title, alert: name }: Panel, runbooksUrl: string): string | undefined {
  if (name === undefined) return undefined;
  const alert = ALERTS.find((candidate) => candidate.name === name);
  if (alert === undefined) throw new RangeError(`Panel "${title}": there is no alert ${name}`);
  return `${runbooksUrl}/${runbookFile(alert)}`;
}

/**
 * Grafana's JSON model of a dashboard.
 * @param runbooksUrl where the pages of docs/runbooks are read, without a slash at its end
 * @throws RangeError where a panel names an alert that there is not
 */
export function grafanaDashboard(dashboard: Dashboard, runbooksUrl: string): GrafanaDashboard {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags([TAG])
    // What is changed by hand is gone with the next restart: the source is in the repository.
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: `now-${dashboard.shows}`, to: "now" })
    .refresh("1m")
    .variables([ENVIRONMENT, ...dashboard.variables.map(variable)])
    .annotation(ALERT_MARKS)
    .links([
      new DashboardLinkBuilder("Dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(false)
        .keepTime(true),
    ]);
  for (const { row, id, position, panels } of layout(dashboard)) {
    builder.withRow(new RowBuilder(row.title).id(id).gridPos({ ...position }));
    for (const placed of panels) {
      const built = grafanaPanel(placed, runbookUrl(placed.panel, runbooksUrl));
      builder.withPanel({ build: () => built });
    }
  }
  const built = builder.build();
  // The SDK would hide the links in a menu; at the top, as in every earlier Grafana, they are seen.
  return { ...built, links: (built.links ?? []).map((link) => ({ ...link, placement: undefined })) };
}
