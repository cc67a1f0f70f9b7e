import { type Duration, secondsOf } from "../promql/duration";
import type { Expression } from "../promql/expression";
import { above, and, divide, operate, or } from "../promql/operators";
import type { Severity } from "../rules/alert";
import { type Recording, recorded } from "../rules/recording";
import { eventRates } from "./error-budget";
import type { Objective } from "./objective";

/**
 * How fast the error budget may burn before an alert fires. The long window shows that it matters, the short one that
 * it still goes on, so that the alert ends soon after the trouble.
 */
export interface BurnRate {
  /** Times as fast as would use up exactly the whole budget. */
  readonly factor: number;
  readonly long: Duration;
  readonly short: Duration;
  readonly severity: Severity;
}

/** Source: SRE workbook, ch. 5, table 5-8, for 30 days: 2 % of the budget in 1 h, 5 % in 6 h, 10 % in 1 d and in 3 d. */
export const BURN_RATES: readonly BurnRate[] = [
  { factor: 14.4, long: "1h", short: "5m", severity: "critical" },
  { factor: 6, long: "6h", short: "30m", severity: "critical" },
  { factor: 3, long: "1d", short: "2h", severity: "warning" },
  { factor: 1, long: "3d", short: "6h", severity: "warning" },
];

/** Windows of which the error ratio is recorded. */
export const SLO_WINDOWS: readonly Duration[] = [...new Set(BURN_RATES.flatMap(({ long, short }) => [short, long]))];

/**
 * Events in the long window from which a ratio is significant. Below it one failed request at night would be a page.
 * At 99.5 % and 14.4 times the rate, 7.2 % of 50 are 4 failures.
 */
const EVENTS_THAT_COUNT = 50;

/**
 * Share of bad events over a window; NaN without events, which is above nothing. A counter of bad events exists from its
 * first event on: before that the share is 0, not absent.
 */
export function errorRatio(objective: Objective, window: Duration): Recording {
  const none = operate(objective.total(window), "*", 0);
  return {
    record: `slo:${objective.name.replaceAll("-", "_")}:error_ratio_${window}`,
    expression: divide(or(objective.bad(window), none), objective.total(window)),
  };
}

/** Every series that the alerts and the dashboards of an objective read. */
export function sloRecordings(objective: Objective): Recording[] {
  return [...SLO_WINDOWS.map((window) => errorRatio(objective, window)), ...eventRates(objective)];
}

/** Holds while the budget of an objective burns this fast, and enough happens for the ratio to mean something. */
export function burns(objective: Objective, { factor, long, short }: BurnRate): Expression {
  const limit = Number((factor * (1 - objective.target)).toPrecision(6));
  const both = and(
    above(recorded(errorRatio(objective, long)), limit),
    above(recorded(errorRatio(objective, short)), limit),
  );
  const events = operate(objective.total(long), "*", secondsOf(long));
  return and(both, above(events, EVENTS_THAT_COUNT));
}
