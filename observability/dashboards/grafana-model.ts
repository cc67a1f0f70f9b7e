/**
 * Grafana's JSON model of a dashboard, as far as these dashboards use it. What Grafana has a default for is written out,
 * as its own export does. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
import type { GridPosition } from "./layout";

/** A variable's Prometheus, by type and uid. */
export interface GrafanaDatasource {
  readonly type: "prometheus";
  readonly uid: string;
}

export interface GrafanaLink {
  readonly title: string;
  /** `dashboards`: a list of those that have the tags. */
  readonly type: "dashboards" | "link";
  readonly icon: "";
  readonly tooltip: "";
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  /** In a menu, or where it is left out at the top. */
  readonly placement?: "inControlsMenu";
  readonly targetBlank: boolean;
  /** Whether the chosen values of the variables go along. */
  readonly includeVars: boolean;
  readonly keepTime: boolean;
  readonly url?: string;
}

/** A query of a panel. */
export interface GrafanaTarget {
  readonly expr: string;
  /** A, B, C and so on. */
  readonly refId: string;
  readonly legendFormat: string;
  /** The last value alone. */
  readonly instant?: true;
  readonly range?: false;
}

export interface GrafanaThresholds {
  readonly mode: "absolute";
  /** From a value on; the first has none. */
  readonly steps: readonly { readonly value: number | null; readonly color: string }[];
}

/** Words in place of values. */
export interface GrafanaMapping {
  readonly type: "value";
  readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

export interface GrafanaFieldDefaults {
  readonly color?: { readonly mode: "thresholds" };
  /** How a graph is drawn. */
  readonly custom?: {
    readonly lineWidth: number;
    /** Percent. */
    readonly fillOpacity: number;
    readonly showPoints: "never";
    readonly stacking?: { readonly mode: "normal" };
    readonly thresholdsStyle?: { readonly mode: "dashed" };
  };
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  readonly unit: string;
  readonly thresholds: GrafanaThresholds;
  readonly mappings?: readonly GrafanaMapping[];
}

interface StatOptions {
  readonly graphMode: "area";
  readonly colorMode: "value";
  readonly justifyMode: "auto";
  readonly textMode: "auto";
  readonly wideLayout: true;
  readonly showPercentChange: false;
  readonly reduceOptions: { readonly calcs: readonly ["lastNotNull"] };
  readonly percentChangeColorMode: "standard";
  readonly orientation: "auto";
}

interface TimeseriesOptions {
  readonly legend: {
    readonly displayMode: "list";
    readonly placement: "bottom";
    readonly showLegend: true;
    readonly calcs: readonly [];
  };
  readonly tooltip: { readonly mode: "multi"; readonly sort: "desc" };
}

/** What all panels of a kind share. */
export type GrafanaVisualization = {
  readonly transparent: false;
  readonly repeatDirection: "h";
} & (
  | { readonly type: "stat"; readonly options: StatOptions }
  | { readonly type: "timeseries"; readonly options: TimeseriesOptions }
);

export type GrafanaPanel = GrafanaVisualization & {
  readonly fieldConfig: { readonly defaults: GrafanaFieldDefaults; readonly overrides: readonly [] };
  readonly id: number;
  readonly gridPos: GridPosition;
  readonly title: string;
  readonly description: string;
  readonly datasource: GrafanaDatasource;
  readonly targets: readonly GrafanaTarget[];
  readonly links?: readonly GrafanaLink[];
};

export interface GrafanaRow {
  readonly type: "row";
  readonly collapsed: false;
  readonly id: number;
  readonly panels: readonly [];
  readonly title: string;
  readonly gridPos: GridPosition;
}

export interface GrafanaVariable {
  readonly type: "datasource" | "query";
  readonly name: string;
  readonly skipUrlSync: false;
  readonly multi: boolean;
  readonly allowCustomValue: true;
  readonly includeAll: boolean;
  readonly auto: false;
  readonly auto_min: "10s";
  readonly auto_count: 30;
  readonly label: string;
  readonly datasource?: GrafanaDatasource;
  readonly query: string | { readonly query: string; readonly refId: string };
  /** 2: whenever the time range changes. */
  readonly refresh?: 2;
  /** 1: by alphabet, upwards. */
  readonly sort?: 1;
  /** What "All" puts into a query. */
  readonly allValue?: string;
  readonly current?: {
    readonly selected: true;
    readonly text: readonly string[];
    readonly value: readonly string[];
  };
}

/** Marks in every graph, at the times of a query's series. */
export interface GrafanaAnnotation {
  readonly name: string;
  readonly enable: true;
  readonly hide: false;
  readonly iconColor: string;
  readonly builtIn: 0;
  readonly placement: "inControlsMenu";
  readonly datasource: GrafanaDatasource;
  readonly expr: string;
  readonly titleFormat: string;
  readonly step: string;
}

export interface GrafanaDashboard {
  readonly timezone: "browser";
  readonly editable: false;
  /** 1: one crosshair in all graphs. */
  readonly graphTooltip: 1;
  readonly fiscalYearStartMonth: 0;
  readonly schemaVersion: 42;
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly annotations: { readonly list: readonly GrafanaAnnotation[] };
  readonly title: string;
  readonly uid: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly links: readonly GrafanaLink[];
  readonly panels: readonly (GrafanaPanel | GrafanaRow)[];
}
