import { renderTable } from "../../reporting/table";
import type { StackPlan } from "./plan-stack";
import type { Diagnostic } from "./terraform";

/** One line as a stack is done. */
export function progressLine(plan: StackPlan): string {
  if (plan.outcome === "skipped") return `${plan.stack}: not planned, ${plan.reason}`;
  if (plan.outcome === "validated") return `${plan.stack}: valid, not planned, ${plan.reason}`;
  return `${plan.stack}: ${plan.outcome}`;
}

/** The table, then every message and every reason. */
export function renderReport(plans: readonly StackPlan[]): string {
  const rows = plans.map((plan) => [plan.stack, ...changeCells(plan), ...diagnosticCells(plan)]);
  const table = renderTable(["stack", "add", "change", "destroy", "warnings", "errors"], rows);
  return [table, ...plans.flatMap(messages)].join("\n");
}

/**
 * 0 where every stack was planned, or validated where it needs a cluster, without error or warning; 1 where one had
 * either; 2 where one was skipped, because Terraform or a provider is missing.
 */
export function exitCode(plans: readonly StackPlan[]): 0 | 1 | 2 {
  if (plans.some((plan) => plan.outcome === "failed" || diagnosticsOf(plan).length > 0)) return 1;
  return plans.some((plan) => plan.outcome === "skipped") ? 2 : 0;
}

function changeCells(plan: StackPlan): readonly string[] {
  if (plan.outcome !== "planned") return ["-", "-", "-"];
  const { add, change, destroy } = plan.changes;
  return [add, change, destroy].map(String);
}

function diagnosticCells(plan: StackPlan): readonly string[] {
  if (plan.outcome === "skipped") return ["-", "-"];
  return ["warning", "error"].map((kind) => String(plan.diagnostics.filter((d) => d.severity === kind).length));
}

function diagnosticsOf(plan: StackPlan): readonly Diagnostic[] {
  return plan.outcome === "skipped" ? [] : plan.diagnostics;
}

function messages(plan: StackPlan): readonly string[] {
  if (plan.outcome === "skipped") return [`${plan.stack}: not planned: ${plan.reason}`];
  const found = plan.diagnostics.map(({ severity, text }) => `${plan.stack}: ${severity}: ${text}`);
  return plan.outcome === "validated" ? [`${plan.stack}: valid, not planned: ${plan.reason}`, ...found] : found;
}
