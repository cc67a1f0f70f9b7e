import type { Expression } from "../promql/expression";
import type { Duration } from "../promql/functions";

/** `critical` is told by Slack and e-mail, day and night; `warning` by Slack. Source: infrastructure specification §7. */
export type Severity = "critical" | "warning";

/** What an alert is about: an alert about a whole node silences those about what runs on it. */
export type Subject = "backup" | "engine" | "gateway" | "gpu" | "node" | "platform" | "service" | "store";

/** One series of a test: a selector as Prometheus prints it, and its values in promtool's notation, one a minute. */
export type TestSeries = Readonly<Record<string, string>>;

/** What an alert must do on these series. promtool plays it. */
export interface AlertExample {
  readonly name: string;
  readonly series: TestSeries;
  /** When to look. */
  readonly at: Duration;
  /** Labels of the alerts that then fire, beside `alertname`, `severity` and `subject`. @default none: it stays quiet */
  readonly fires?: readonly Readonly<Record<string, string>>[];
}

/** Examples of which at least one fires and one stays quiet. */
export interface AlertExamples {
  readonly fires: AlertExample & {
    readonly fires: readonly [Readonly<Record<string, string>>, ...Readonly<Record<string, string>>[]];
  };
  readonly quiet: AlertExample & { readonly fires?: never };
  readonly more?: readonly AlertExample[];
}

/** A condition that a person must know of. */
export interface Alert {
  /** CamelCase, as Prometheus' own; names its runbook too. */
  readonly name: string;
  readonly severity: Severity;
  readonly subject: Subject;
  /** Fires while this has a result. */
  readonly condition: Expression;
  /** How long the condition must hold. @default it fires at once */
  readonly for?: Duration;
  /** What is wrong, in a line; `{{ $labels.x }}` and `{{ $value }}` are filled in. */
  readonly summary: string;
  /** What it means for users, and where to look first. */
  readonly description: string;
  readonly examples: AlertExamples;
}
