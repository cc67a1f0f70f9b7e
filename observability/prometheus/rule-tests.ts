import { RULE_GROUPS, type RuleGroup } from "../alerts/alert-catalogue";
import { type Duration, secondsOf } from "../promql/duration";
import { type Alert, alertLabels, type Firing, type Labels, type Quiet } from "../rules/alert";
import { alertAnnotations, yaml } from "./rule-files";

/** Between two values of an example, where it has no `every`. */
const EVERY: Duration = "1m";
/** Evaluations of a quiet example, at most. */
const MOST_LOOKS = 120;

/** `{{ $labels.x }}` and `{{ or $labels.x $labels.y }}` filled in, as Prometheus does; a label that is missing is empty. */
function filledIn(text: string, labels: Labels): string {
  return text.replace(/\{\{ (?:or )?((?:\$labels\.\w+ )+)\}\}/g, (_, names: string) => {
    const values = names
      .trim()
      .split(" ")
      .map((name) => labels[name.replace("$labels.", "")]);
    return values.find((value) => value !== undefined && value !== "") ?? "";
  });
}

function expectedAlert(alert: Alert, series: Labels, runbooksUrl: string) {
  const annotations = Object.entries(alertAnnotations(alert, runbooksUrl));
  return {
    exp_labels: { ...series, ...alertLabels(alert) },
    exp_annotations: Object.fromEntries(annotations.map(([name, text]) => [name, filledIn(text, series)])),
  };
}

/** Times at which a quiet example is evaluated: all along, because an alert that has ended was sent none the less. */
function quietTimes({ from = "0s", at, every = EVERY }: Quiet): readonly Duration[] {
  const step = secondsOf(every);
  const steps = (secondsOf(at) - secondsOf(from)) / step;
  const stride = step * Math.max(1, Math.ceil(steps / MOST_LOOKS));
  const looks = Math.floor((steps * step) / stride) + 1;
  return Array.from({ length: looks }, (_, index): Duration => `${secondsOf(from) + index * stride}s`);
}

function ruleTest(alert: Alert, example: Firing | Quiet, runbooksUrl: string) {
  const looks =
    "fires" in example
      ? [{ at: example.at, fires: example.fires }]
      : quietTimes(example).map((at) => ({ at, fires: [] }));
  return {
    name: `${alert.name}: ${example.when}`,
    interval: example.every ?? EVERY,
    input_series: Object.entries(example.series).map(([series, values]) => ({ series, values })),
    alert_rule_test: looks.map(({ at, fires }) => ({
      eval_time: at,
      alertname: alert.name,
      exp_alerts: fires.map((series) => expectedAlert(alert, series, runbooksUrl)),
    })),
  };
}

/** Examples of one step: promtool evaluates all of a file at one interval, and a value is stale after five minutes. */
interface ExampleFile {
  readonly group: string;
  readonly every: Duration;
  readonly tests: readonly ReturnType<typeof ruleTest>[];
}

function exampleFiles({ name, alerts }: RuleGroup, runbooksUrl: string): ExampleFile[] {
  const examples = alerts.flatMap((alert) =>
    [...alert.examples.firing, ...(alert.examples.quiet === "never" ? [] : alert.examples.quiet)].map((example) => ({
      alert,
      example,
    })),
  );
  const steps = new Set(examples.map(({ example }) => example.every ?? EVERY));
  return [...steps].map((every) => ({
    group: name,
    every,
    tests: examples
      .filter(({ example }) => (example.every ?? EVERY) === every)
      .map(({ alert, example }) => ruleTest(alert, example, runbooksUrl)),
  }));
}

/** promtool's test files by name; the rules lie under `../rules`. */
export function ruleTestFiles(runbooksUrl: string): Readonly<Record<string, string>> {
  const files = RULE_GROUPS.flatMap((group) => exampleFiles(group, runbooksUrl));
  return Object.fromEntries(
    files.map(({ group, every, tests }) => [
      `${group}-${every}.yaml`,
      yaml({ rule_files: [`../rules/${group}.yaml`], evaluation_interval: every, tests }),
    ]),
  );
}
