import { dump } from "js-yaml";
import { RULE_GROUPS, type RuleGroup } from "../alerts/alert-catalogue";
import { type Alert, alertLabels, runbookFile } from "../rules/alert";
import type { Recording } from "../rules/recording";
import { renderOnce } from "../rules/render-once";

/** A rule as Prometheus and the Prometheus operator both take it. */
interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RenderedGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

export function alertAnnotations(alert: Alert, runbooksUrl: string): Readonly<Record<string, string>> {
  return {
    summary: alert.summary,
    description: alert.description,
    runbook_url: `${runbooksUrl}/${runbookFile(alert)}`,
  };
}

function recordingRule({ record, expression }: Recording): Rule {
  return { record, expr: expression.promql };
}

function alertRule(alert: Alert, runbooksUrl: string): Rule {
  return {
    alert: alert.name,
    expr: alert.condition.promql,
    ...(alert.for !== undefined && { for: alert.for }),
    labels: alertLabels(alert),
    annotations: alertAnnotations(alert, runbooksUrl),
  };
}

/** @param runbooksUrl where the pages of docs/runbooks are read, without a slash at its end */
export const ruleGroups = renderOnce((runbooksUrl: string): readonly RenderedGroup[] =>
  RULE_GROUPS.map((group: RuleGroup) => ({
    name: group.name,
    rules: [...group.recordings.map(recordingRule), ...group.alerts.map((alert) => alertRule(alert, runbooksUrl))],
  })),
);

/** Prometheus' rule files by name, one a group. */
export const ruleFiles = renderOnce(
  (runbooksUrl: string): Readonly<Record<string, string>> =>
    Object.fromEntries(ruleGroups(runbooksUrl).map((group) => [`${group.name}.yaml`, yaml({ groups: [group] })])),
);

export function yaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}
