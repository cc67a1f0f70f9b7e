import type { Expression, Selector } from "../promql/expression";

/** What a panel's numbers mean, and so how they are written. */
export type PanelUnit =
  | "celsius"
  | "count"
  | "dollars"
  | "duration"
  | "gpu hours"
  | "mebibytes"
  | "per second"
  | "percent"
  | "ratio"
  | "requests per second"
  | "seconds"
  | "state"
  | "tokens per second"
  | "watts";

export type Colour = "green" | "orange" | "red";

/**
 * From this value on, a number is drawn in this colour; below the first in the panel's base colour. In a graph the value
 * is a line of this colour, whichever side of it is the good one.
 */
export interface Threshold {
  readonly from: number;
  readonly colour: Colour;
}

export interface Query {
  readonly expression: Expression;
  /** What a series is called; `{{label}}` is filled in. */
  readonly legend: string;
}

interface PanelBase {
  readonly title: string;
  /** What it shows, and what it does not: displayed on hovering. */
  readonly description: string;
  readonly unit: PanelUnit;
  readonly queries: readonly [Query, ...Query[]];
  /** @default one colour for every value */
  readonly thresholds?: readonly Threshold[];
  /** Alert on what the panel shows: its runbook is linked. @default none */
  readonly alert?: string;
  /** Columns of 24. */
  readonly width: number;
}

/** The last value, large. */
export interface StatPanel extends PanelBase {
  readonly kind: "stat";
  /** Colour below the first threshold. @default green */
  readonly base?: Colour;
  /** Digits after the point. @default as many as fit */
  readonly decimals?: number;
  /** Queries the last value alone, without the line behind it: for windows of weeks. @default false */
  readonly instant?: boolean;
}

/** Lines over time. */
export interface GraphPanel extends PanelBase {
  readonly kind: "graph";
  /** Areas on top of each other: parts of a whole. @default false */
  readonly stacked?: boolean;
  /** End of the scale, so that a share of 2 % does not fill the panel. @default the largest value */
  readonly max?: number;
}

export type Panel = GraphPanel | StatPanel;

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at a dashboard's top, made of a label's values. */
export interface Variable {
  /** `$name` in queries, by {@link choice}. */
  readonly name: string;
  readonly label: string;
  readonly series: Selector;
  readonly values: string;
}

export interface Dashboard {
  /** Part of its address, and name of its file: never changed, because links and bookmarks hold it. */
  readonly uid: `terrace-${string}`;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
  /** What it shows at first, back from now. */
  readonly shows: "3h" | "24h" | "7d";
}
