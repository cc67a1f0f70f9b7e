/**
 * `npm run rules:mutate`: changes each threshold and each duration of the rules by about half and double, one at a time,
 * and runs promtool over the examples. A change that fails no example is a number that no example pins.
 *
 * Error budgets are left out: their limits are computed, and a test holds them against their source.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RULE_GROUPS } from "../../observability/alerts/alert-catalogue";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { ruleTestFiles } from "../../observability/prometheus/rule-tests";

const RUNBOOKS = "docs/runbooks";
/** Not quite 2: examples lie that close on both sides of a threshold. */
const FACTORS = [1 / 1.9, 1.9];
/** A duration left out, and three times as long. */
const DURATION_FACTORS = [0, 3];

interface Mutant {
  readonly alert: string;
  readonly change: string;
  readonly rules: string;
}

function* mutantsOf(rules: string): Generator<Mutant> {
  const numbers = [
    [/(?<=[<>]=? )\d+(?:\.\d+)?/g, FACTORS],
    [/(?<=for: )\d+(?=[mh])/g, DURATION_FACTORS],
  ] as const;
  for (const [pattern, factors] of numbers) {
    for (const { 0: text, index } of rules.matchAll(pattern)) {
      if (Number(text) === 0) continue;
      const [alert = "a recording"] = rules.slice(0, index).match(/(?<=alert: )\w+(?![\s\S]*alert: )/) ?? [];
      for (const factor of factors) {
        const changed = String(Number((Number(text) * factor).toPrecision(6)));
        yield {
          alert,
          change: `${text} → ${changed}`,
          rules: rules.slice(0, index) + changed + rules.slice(index + text.length),
        };
      }
    }
  }
}

/** Whether promtool finds the examples of a group in order. */
function passes(group: string, rules: string, tests: readonly (readonly [string, string])[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), "mutant-"));
  try {
    for (const name of ["rules", "tests"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "rules", `${group}.yaml`), rules);
    for (const [file, text] of tests) writeFileSync(join(folder, "tests", file), text);
    const paths = tests.map(([file]) => join(folder, "tests", file));
    const { status, error } = spawnSync("promtool", ["test", "rules", ...paths]);
    if (error !== undefined) throw error;
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function survivorsOf(group: string): { readonly tried: number; readonly survivors: readonly Mutant[] } {
  const rules = ruleFiles(RUNBOOKS)[`${group}.yaml`] ?? "";
  const tests = Object.entries(ruleTestFiles(RUNBOOKS)).filter(([file]) =>
    new RegExp(`^${group}-\\d+\\w\\.yaml$`).test(file),
  );
  const mutants = [...mutantsOf(rules)];
  return { tried: mutants.length, survivors: mutants.filter((mutant) => passes(group, mutant.rules, tests)) };
}

const groups = RULE_GROUPS.map(({ name }) => name).filter((name) => !name.startsWith("slo-"));
const outcomes = groups.map(survivorsOf);
for (const { alert, change } of outcomes.flatMap(({ survivors }) => survivors)) {
  console.log(`${alert}: ${change} is noticed by no example`);
  process.exitCode = 1;
}
const tried = outcomes.reduce((sum, outcome) => sum + outcome.tried, 0);
console.log(`${tried} changes tried`);
