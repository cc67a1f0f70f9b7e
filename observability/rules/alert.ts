import type { Duration } from "../promql/duration";
import type { Expression } from "../promql/expression";

/**
 * `critical` goes to Slack and e-mail, day and night; `warning` to Slack; `none` to nobody. Source: R-101.
 */
export type Severity = "critical" | "none" | "warning";

/** What an alert is about: an alert about a whole machine silences those about what runs on it. */
export type Subject = "backup" | "engine" | "gateway" | "gpu" | "node" | "platform" | "service" | "store";

export type Labels = Readonly<Record<string, string>>;

/** Series of an example: a selector as Prometheus prints it, and its values in promtool's notation. */
export type ExampleSeries = Readonly<Record<string, string>>;

interface Example {
  /** What happens, in a few words. */
  readonly when: string;
  readonly series: ExampleSeries;
  /** When the example is evaluated, after the beginning of its series; a quiet one at every step until then. */
  readonly at: Duration;
  /** Between two values of the series, and two evaluations. @default 1m */
  readonly every?: Duration;
}

/** On these series the alert fires, once for each set of labels; those that every alert has are left out. */
export interface Firing extends Example {
  readonly fires: readonly [Labels, ...Labels[]];
}

/** On these series it must not, at any time of the example. */
export interface Quiet extends Example {
  /** Evaluated from here on: the alert may fire before. @default the beginning */
  readonly from?: Duration;
}

/** Names what a series of `BY_TARGET` is about: the pod in a cluster, where `instance` is its address, else the machine. */
export const WHERE = "{{ or $labels.pod $labels.instance }}";

/** A condition that needs a person. */
export interface Alert {
  /** CamelCase, as Prometheus' own. */
  readonly name: string;
  /** Name of the alert whose runbook applies. @default its own */
  readonly runbook?: string;
  readonly severity: Severity;
  readonly subject: Subject;
  /** Error budget that it is about: the faster of its alerts silence the slower. @default none */
  readonly objective?: string;
  /** Fires while this has a result. */
  readonly condition: Expression;
  /** How long the condition must hold. @default it fires at once */
  readonly for?: Duration;
  /** What is wrong, in a line; `{{ $labels.x }}` and {@link WHERE} are filled in. No `$value`: it would change the alert with every scrape. */
  readonly summary: string;
  /** What it means for users, and the first thing to check. */
  readonly description: string;
  /**
   * Played by promtool; an alert that was never seen firing, or never quiet, is not one. `never` is for the one whose
   * silence is the alarm.
   */
  readonly examples: {
    readonly firing: readonly [Firing, ...Firing[]];
    readonly quiet: readonly [Quiet, ...Quiet[]] | "never";
  };
}

/** Labels that an alert has beside those of its series. */
export function alertLabels({ severity, subject, objective }: Alert): Readonly<Record<string, string>> {
  return { severity, subject, ...(objective !== undefined && { objective }) };
}

/** The alert's page in docs/runbooks. */
export function runbookFile({ name, runbook = name }: Pick<Alert, "name" | "runbook">): string {
  return `${runbook.replace(/(?!^)([A-Z])/g, "-$1").toLowerCase()}.md`;
}
