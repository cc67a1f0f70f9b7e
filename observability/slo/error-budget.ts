import { type Expression, expression } from "../promql/expression";
import { sum } from "../promql/functions";
import { divide, operate, or } from "../promql/operators";
import { type Recording, recorded } from "../rules/recording";
import { type Objective, SLO_DAYS } from "./objective";

/** Over so long the events are counted before they are recorded. */
const RECORDED_OVER = "5m";

function seriesName({ name }: Objective, what: string): string {
  return `slo:${name.replaceAll("-", "_")}:${what}_${RECORDED_OVER}`;
}

/**
 * Bad events, and all of them, a second. Recorded because a month of them is two series to add up, and a month of the
 * counters would be read sample by sample whenever a dashboard is opened.
 */
export function eventRates(objective: Objective): readonly [bad: Recording, all: Recording] {
  const all = objective.total(RECORDED_OVER);
  return [
    {
      record: seriesName(objective, "bad_events"),
      expression: or(objective.bad(RECORDED_OVER), operate(all, "*", 0)),
    },
    { record: seriesName(objective, "events"), expression: all },
  ];
}

/**
 * Share of the month's error budget that is left, by events and not by time: a bad night counts for who was awake. Below
 * 0 the promise is broken. Time before the first record counts as time without events.
 */
export function budgetLeft(objective: Objective): Expression {
  const [bad, all] = eventRates(objective).map(overTheMonth);
  if (bad === undefined || all === undefined) throw new RangeError(`${objective.name} records no events`);
  const budget = Number((1 - objective.target).toPrecision(6));
  return operate(1, "-", divide(divide(bad, all), budget));
}

function overTheMonth(recording: Recording): Expression {
  const of = recorded(recording);
  return sum(expression(`sum_over_time(${of.promql}[${SLO_DAYS}d])`, of));
}
