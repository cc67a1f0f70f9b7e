import { type Duration, secondsOf } from "../promql/duration";
import type { Alert, ExampleSeries } from "../rules/alert";
import { BURN_RATES, type BurnRate, burns } from "./burn-rate";
import type { Objective } from "./objective";

/** Series in which `badShare` of an objective's events are bad, and there are so many a minute. */
export type ObjectiveSeries = (badShare: number, perMinute: number) => ExampleSeries;

/** Minutes between two values of an example: of the longest windows every minute's would only make the test slow. */
function exampleStep(longSeconds: number): Duration {
  if (longSeconds > 6 * 3_600) return "30m";
  return longSeconds > 3_600 ? "5m" : "1m";
}

function pascalCase(name: string): string {
  return name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());
}

/**
 * The alerts of an objective: one for each burn rate that it can have. Critical ones are for a budget that is gone in
 * days, the others of one that will not last the month.
 */
export function burnRateAlerts(objective: Objective, seriesOf: ObjectiveSeries): Alert[] {
  const budget = 1 - objective.target;
  // A loose objective cannot burn 14 times too fast: more than everything is never bad.
  return BURN_RATES.filter(({ factor }) => factor * budget < 1).map((burnRate) =>
    burnRateAlert(objective, burnRate, seriesOf),
  );
}

function burnRateAlert(objective: Objective, burnRate: BurnRate, seriesOf: ObjectiveSeries): Alert {
  const { factor, long, severity } = burnRate;
  const budget = 1 - objective.target;
  const every = exampleStep(secondsOf(long));
  // One event a second.
  const perStep = secondsOf(every);
  return {
    name: `${pascalCase(objective.name)}BudgetBurn${long}`,
    runbook: `${pascalCase(objective.name)}BudgetBurn`,
    severity,
    subject: "service",
    objective: objective.name,
    condition: burns(objective, burnRate),
    summary: `${objective.title}: the error budget burned at over ${factor} × its rate for ${long}`,
    description: `Over the last ${long} and still now, the share of bad events was above ${percent(factor * budget)}; the objective allows ${percent(budget)} over 30 days. ${objective.counts} Look at the service dashboard for the route, then at the alerts about causes.`,
    examples: {
      firing: [
        {
          when: `twice that share is bad for ${long}`,
          every,
          at: long,
          series: seriesOf(Math.min(1, 2 * factor * budget), perStep),
          fires: [{}],
        },
      ],
      quiet: [
        { when: "half of that share is bad", every, at: long, series: seriesOf((factor * budget) / 2, perStep) },
        { when: "all is bad, but hardly anybody asks", every: "1m", at: "30m", series: seriesOf(1, 1) },
      ],
    },
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
