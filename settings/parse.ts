/** Reads one environment's settings: every mistake is reported at once, before anything is written. */

import { brokenRules } from "./rules/rules";
import { fieldProblems } from "./schema/field-problems";
import { SettingsError, type SettingsProblem } from "./schema/problems";
import { type Settings, settingsSchema } from "./schema/settings";

/**
 * Checks and completes one environment's settings.
 *
 * Sections that read well are checked against each other even where another section does not, so that one run shows
 * every mistake.
 * @throws SettingsError with one problem per mistake; nothing has been written by then.
 */
export function parseSettings(input: unknown): Settings {
  const parsed = settingsSchema.safeParse(input);
  const problems: readonly SettingsProblem[] = parsed.success
    ? brokenRules(parsed.data)
    : [...fieldProblems(settingsSchema, parsed.error.issues, input), ...brokenRules(readableSections(input))];
  if (problems.length > 0 || !parsed.success) throw new SettingsError(environmentName(input), problems);
  return parsed.data;
}

/** The top-level sections that are valid by themselves. */
function readableSections(input: unknown): Partial<Settings> {
  if (typeof input !== "object" || input === null) return {};
  const valid = Object.entries(settingsSchema.shape).filter(
    ([key, schema]) => schema.safeParse(Reflect.get(input, key)).success,
  );
  const sections: Partial<Settings> = settingsSchema
    .partial()
    .parse(Object.fromEntries(valid.map(([key]) => [key, Reflect.get(input, key)])));
  // A section that does not read well has no say, not even by its default.
  for (const key of settingsSchema.keyof().options) {
    if (!valid.some(([name]) => name === key)) delete sections[key];
  }
  return sections;
}

function environmentName(input: unknown): string {
  const name = typeof input === "object" && input !== null ? Reflect.get(input, "environment") : undefined;
  return typeof name === "string" ? name : "(unnamed)";
}
