import type { SettingsProblem } from "../problems";
import type { Settings } from "../schema";
export function checkRules(_sections: Partial<Settings>): SettingsProblem[] {
  return [];
}
