import type { z } from "zod";

/** One mistake in an environment's settings, in the user's words. */
export interface SettingsProblem {
  /** Where, e.g. `groups[0].engines[1].maxNumSeqs`. */
  readonly path: string;
  /** The present value; `undefined` where there is none. */
  readonly value: unknown;
  /** What must hold. */
  readonly rule: string;
  /** What to write instead. */
  readonly fix: string;
}

/** Every mistake of one environment, found in one pass. Nothing has been written when it is thrown. */
export class SettingsError extends Error {
  readonly problems: readonly SettingsProblem[];

  constructor(environment: string, problems: readonly SettingsProblem[]) {
    const lines = problems.map((problem) => `  ${formatProblem(problem)}`);
    const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
    super(`settings of "${environment}": ${count}, nothing was written\n${lines.join("\n")}`);
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** `path = value: rule. Fix: fix.`, on one line. */
export function formatProblem(problem: SettingsProblem): string {
  return `${problem.path} = ${shown(problem.value)}: ${problem.rule}. Fix: ${problem.fix}.`;
}

function shown(value: unknown): string {
  if (value === undefined) return "(missing)";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** `["groups", 0, "zone"]` → `groups[0].zone`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text === "" ? "(top level)" : text;
}

/** The value at a path of a plain object; `undefined` where the path ends early. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** What a field's own check says when it fails; carried through zod as the issue's `params`. */
export interface FieldRule {
  readonly rule: string;
  readonly fix: string;
}

export type Issue = z.core.$ZodIssue;
