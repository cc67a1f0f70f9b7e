import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { type FieldRule, type Issue, type SettingsProblem, formatPath, valueAt } from "../problems";
import { knownKeys } from "./known-keys";

/** Turns zod's issues into problems in the user's words. */
export function fieldProblems(schema: z.core.$ZodType, issues: readonly Issue[], input: unknown): SettingsProblem[] {
  return issues.flatMap((issue) => explain(schema, issue, input));
}

function explain(schema: z.core.$ZodType, issue: Issue, input: unknown): SettingsProblem[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(schema, [...issue.path, key], input));
  if (issue.code === "invalid_key") return issue.issues.flatMap((inner) => explain(schema, { ...inner, path: issue.path }, input));
  const value = valueAt(input, issue.path);
  return [{ path: formatPath(issue.path), value, ...ruleAndFix(issue, value) }];
}

function ruleAndFix(issue: Issue, value: unknown): FieldRule {
  if (value === undefined) return { rule: "is required", fix: `add it; settings/schema.ts says what it means` };
  if (issue.code === "custom") {
    const fix: unknown = issue.params?.["fix"];
    return { rule: issue.message, fix: typeof fix === "string" ? fix : "correct the value" };
  }
  if (issue.code === "invalid_union") {
    const options = "options" in issue && Array.isArray(issue.options) ? issue.options.join(", ") : "";
    return { rule: `must be one of ${options}`, fix: "choose one of them" };
  }
  if (issue.code === "invalid_value") return { rule: issue.message, fix: `write ${closest(String(value), issue.values.map(String))}` };
  return { rule: lowerFirst(issue.message), fix: "correct the value to fit the rule" };
}

function unknownKey(schema: z.core.$ZodType, path: readonly PropertyKey[], input: unknown): SettingsProblem {
  const parent = valueAt(input, path.slice(0, -1));
  const written = String(path.at(-1));
  const known = knownKeys(schema, path.slice(0, -1));
  const near = known.length > 0 ? closest(written, known) : undefined;
  return {
    path: formatPath(path),
    value: valueAt(parent, path.slice(-1)),
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
