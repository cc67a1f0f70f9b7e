import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel as GrafanaPanel,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { GraphPanel, Panel, StatPanel } from "./dashboard";
import { GRAFANA_UNITS } from "./grafana-units";
import type { PlacedPanel } from "./layout";

/** The Prometheus that is chosen at the dashboard's top. */
export const CHOSEN_PROMETHEUS = { type: "prometheus", uid: "$environment" } as const;

/** A 0 and a 1, in words. */
const STATE_WORDS = { "0": { text: "down", color: "red" }, "1": { text: "up", color: "green" } };

function thresholds(panel: Panel): ThresholdsConfigBuilder {
  const base = panel.kind === "stat" ? (panel.base ?? "green") : "green";
  const steps = (panel.thresholds ?? []).map(({ from, colour }) => ({ value: from, color: colour }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: base }, ...steps]);
}

function targets(panel: Panel): Builder<Dataquery>[] {
  const instant = panel.kind === "stat" && panel.instant === true;
  return panel.queries.map(({ expression, legend }, index) => {
    const query = new DataqueryBuilder().refId(refId(index)).expr(expression.promql).legendFormat(legend);
    return instant ? query.instant() : query;
  });
}

/** Grafana's name of a panel's query: A, B, C and so on. */
function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function statPanel(panel: StatPanel): StatBuilder {
  const builder = new StatBuilder()
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  return panel.decimals === undefined ? builder : builder.decimals(panel.decimals);
}

function graphPanel({ stacked = false, max, thresholds = [] }: GraphPanel): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (max !== undefined) builder.max(max);
  if (thresholds.length > 0) {
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return builder;
}

/** @param runbookUrl the page of the panel's alert, where it has one */
export function grafanaPanel({ panel, id, position }: PlacedPanel, runbookUrl: string | undefined): GrafanaPanel {
  const builder = (panel.kind === "stat" ? statPanel(panel) : graphPanel(panel))
    .id(id)
    .gridPos({ ...position })
    .title(panel.title)
    .description(panel.description)
    .datasource({ ...CHOSEN_PROMETHEUS })
    .unit(GRAFANA_UNITS[panel.unit])
    .thresholds(thresholds(panel))
    .targets(targets(panel));
  if (panel.unit === "state") builder.mappings([{ type: MappingType.ValueToText, options: STATE_WORDS }]);
  if (runbookUrl !== undefined) {
    builder.links([
      new DashboardLinkBuilder(`Runbook: ${panel.alert}`)
        .type(DashboardLinkType.Link)
        .url(runbookUrl)
        .targetBlank(true),
    ]);
  }
  return builder.build();
}
