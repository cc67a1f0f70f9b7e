import { MonitoringDashboard } from "@cdktf/provider-google/lib/monitoring-dashboard";
import { Construct } from "constructs";
import { CUSTOM_METRICS, type CustomMetric } from "../../planning/custom-metrics";

interface Chart {
  readonly title: string;
  readonly filter: string;
  readonly align: "ALIGN_MAX" | "ALIGN_MEAN" | "ALIGN_RATE" | "ALIGN_PERCENTILE_95";
  readonly reduce: "REDUCE_COUNT" | "REDUCE_MAX" | "REDUCE_MEAN" | "REDUCE_SUM";
  readonly groupBy: readonly string[];
}

export interface CloudDashboardProps {
  readonly name: string;
  readonly urlMap: string;
  readonly errorMetric: string;
  /** `<project>:<instance>`. @default no database */
  readonly databaseId?: string | undefined;
}

/** Of a mosaic: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards#MosaicLayout */
const COLUMNS = 48;
const PER_ROW = 3;
const TILE_WIDTH = COLUMNS / PER_ROW;
const TILE_HEIGHT = 14;

const filter = (metric: string, ...more: readonly string[]) => [`metric.type = "${metric}"`, ...more].join(" AND ");

const pushed = ({ type, unit }: CustomMetric): Chart => ({
  title: `${type.replace("custom.googleapis.com/", "")} (${unit})`,
  filter: filter(type),
  align: "ALIGN_MAX",
  reduce: "REDUCE_MAX",
  groupBy: ["resource.label.instance_id", "resource.label.cluster_name", "metric.label.model_name"],
});

function charts({ urlMap, errorMetric, databaseId }: CloudDashboardProps): readonly Chart[] {
  const balancer = (metric: string) =>
    filter(`loadbalancing.googleapis.com/https/${metric}`, `resource.label.url_map_name = "${urlMap}"`);
  return [
    {
      title: "Answers a second, by class",
      filter: balancer("request_count"),
      align: "ALIGN_RATE",
      reduce: "REDUCE_SUM",
      groupBy: ["metric.label.response_code_class"],
    },
    {
      title: "Whole answers, 95th percentile (ms)",
      filter: balancer("total_latencies"),
      align: "ALIGN_PERCENTILE_95",
      reduce: "REDUCE_MAX",
      groupBy: [],
    },
    {
      title: "Errors a second in logs",
      filter: filter(`logging.googleapis.com/user/${errorMetric}`),
      align: "ALIGN_RATE",
      reduce: "REDUCE_SUM",
      groupBy: ["metric.label.container"],
    },
    ...Object.values(CUSTOM_METRICS).map(pushed),
    {
      title: "Machines that run",
      filter: filter("compute.googleapis.com/instance/uptime_total"),
      align: "ALIGN_MEAN",
      reduce: "REDUCE_COUNT",
      groupBy: ['metadata.user_labels."role"'],
    },
    ...(databaseId === undefined
      ? []
      : [
          {
            title: "Share of Cloud SQL's disk",
            filter: filter(
              "cloudsql.googleapis.com/database/disk/utilization",
              `resource.label.database_id = "${databaseId}"`,
            ),
            align: "ALIGN_MEAN",
            reduce: "REDUCE_MAX",
            groupBy: [],
          } as const,
        ]),
  ];
}

/** The API drops a zero and an empty list, and the provider would find them missing in every plan. */
function position(index: number) {
  const x = (index % PER_ROW) * TILE_WIDTH;
  const y = Math.floor(index / PER_ROW) * TILE_HEIGHT;
  return { ...(x === 0 ? {} : { xPos: x }), ...(y === 0 ? {} : { yPos: y }) };
}

function tile({ title, filter: series, align, reduce, groupBy }: Chart, index: number) {
  return {
    ...position(index),
    width: TILE_WIDTH,
    height: TILE_HEIGHT,
    widget: {
      title,
      xyChart: {
        dataSets: [
          {
            plotType: "LINE",
            timeSeriesQuery: {
              timeSeriesFilter: {
                filter: series,
                aggregation: {
                  alignmentPeriod: "60s",
                  perSeriesAligner: align,
                  crossSeriesReducer: reduce,
                  ...(groupBy.length === 0 ? {} : { groupByFields: [...groupBy] }),
                },
              },
            },
          },
        ],
      },
    },
  };
}

export function cloudDashboardJson(props: CloudDashboardProps): string {
  return JSON.stringify({
    displayName: props.name,
    mosaicLayout: { columns: COLUMNS, tiles: charts(props).map(tile) },
  });
}

/**
 * For when Grafana is away.
 * @example
 * new CloudDashboard(this, "dashboard", { name: names.prefix, urlMap: names.of("routes"), errorMetric: names.of("errors") });
 */
export class CloudDashboard extends Construct {
  constructor(scope: Construct, id: string, props: CloudDashboardProps) {
    super(scope, id);
    new MonitoringDashboard(this, "dashboard", { dashboardJson: cloudDashboardJson(props) });
  }
}
