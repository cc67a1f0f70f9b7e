import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { knownKeys } from "./known-keys";
import { type FieldRule, formatPath, type Issue, type SettingsProblem, valueAt } from "./problems";
import { formerKeys, renamedTo } from "./renamed-keys";

/** Turns zod's issues into problems in the user's words. */
export function fieldProblems(schema: z.core.$ZodType, issues: readonly Issue[], input: unknown): SettingsProblem[] {
  return issues.flatMap((issue) => explain(schema, issue, input));
}

function explain(schema: z.core.$ZodType, issue: Issue, input: unknown): SettingsProblem[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey(schema, [...issue.path, key], input));
  const value = valueAt(input, issue.path);
  const parent = valueAt(input, issue.path.slice(0, -1));
  // A key under its old name is one mistake: that it is missing under the new one is not said as well.
  if (value === undefined && formerKeys(issue.path).some((key) => valueAt(parent, [key]) !== undefined)) return [];
  return [{ path: formatPath(issue.path), value, ...ruleAndFix(issue, value) }];
}

function ruleAndFix(issue: Issue, value: unknown): FieldRule {
  if (value === undefined) return { rule: "is required", fix: "add it; docs/settings.md says what it means" };
  if (issue.code === "custom") return { rule: issue.message, fix: fixIn(issue.params) };
  if (issue.code === "invalid_key") {
    const [inner] = issue.issues;
    const params = inner?.code === "custom" ? inner.params : undefined;
    return { rule: inner?.message ?? issue.message, fix: fixIn(params) };
  }
  if (issue.code === "invalid_union") {
    const options = "options" in issue && Array.isArray(issue.options) ? issue.options.join(", ") : "";
    return { rule: `must be one of ${options}`, fix: "choose one of them" };
  }
  if (issue.code === "invalid_value")
    return { rule: issue.message, fix: `write ${closest(String(value), issue.values.map(String))}` };
  return { rule: lowerFirst(issue.message), fix: "correct the value to fit the rule" };
}

/** The fix that the field's own check gave along. */
function fixIn(params: Readonly<Record<string, unknown>> | undefined): string {
  return typeof params?.fix === "string" ? params.fix : "correct the value to fit the rule";
}

function unknownKey(schema: z.core.$ZodType, path: readonly PropertyKey[], input: unknown): SettingsProblem {
  const parent = valueAt(input, path.slice(0, -1));
  const written = String(path.at(-1));
  const at = { path: formatPath(path), value: valueAt(parent, path.slice(-1)) };
  const renamed = renamedTo(path);
  if (renamed !== undefined) return { ...at, rule: `is called ${renamed} now`, fix: `rename it to ${renamed}` };
  const known = knownKeys(schema, path.slice(0, -1));
  const near = known.length > 0 ? closest(written, known) : undefined;
  return {
    ...at,
    rule: "is no setting",
    fix: near === undefined ? "remove it" : `remove it, or respell it: ${near}`,
  };
}

/** The nearest candidate by edit distance. */
function closest(written: string, candidates: readonly string[]): string {
  return [...candidates].sort((a, b) => distance(written, a) - distance(written, b))[0] ?? written;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
