import type { SettingsProblem } from "../schema/problems";
import type { Settings } from "../schema/settings";

/** A check across fields. It runs only where every section that it needs is valid by itself. */
export type Rule = (sections: Partial<Settings>) => readonly SettingsProblem[];

/** A rule over the named top-level sections. */
export function rule<K extends keyof Settings>(
  needs: readonly K[],
  check: (settings: Pick<Settings, K>) => readonly SettingsProblem[],
): Rule {
  return (sections) => (holds(sections, needs) ? check(sections) : []);
}

function holds<K extends keyof Settings>(
  sections: Partial<Settings>,
  needs: readonly K[],
): sections is Pick<Settings, K> {
  return needs.every((key) => key in sections);
}
