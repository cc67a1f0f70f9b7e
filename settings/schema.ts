/**
 * The settings of one environment: the only thing a user writes. Every field says its unit, and its default as
 * behaviour; `parseSettings` reports every mistake at once, before anything is written.
 */
import { z } from "zod";
import { SettingsError, type SettingsProblem } from "./problems";
import { checkRules } from "./rules/rules";
import { fieldProblems } from "./schema/explain";
import { kubernetesField } from "./schema/kubernetes";
import { platformFields } from "./schema/platform";
import { projectFields } from "./schema/project";
import { servingFields } from "./schema/serving";

// Each environment is parsed once: compiling a parser for every object costs more than it saves.
z.config({ jitless: true });

export const settingsSchema = z.strictObject({
  ...projectFields,
  ...servingFields,
  ...platformFields,
  kubernetes: kubernetesField,
});

/** What an environment file holds: defaults may be left out. */
export type SettingsInput = z.input<typeof settingsSchema>;
/** Settings with every default filled in and every rule checked. */
export type Settings = z.output<typeof settingsSchema>;
export type GroupSettings = Settings["groups"][number];
export type ManagedData = Extract<Settings["data"], { kind: "managed" }>;
export type KubernetesSettings = NonNullable<Settings["kubernetes"]>;
export type MonitoringSettings = NonNullable<Settings["monitoring"]>;

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
    ? checkRules(parsed.data)
    : [...fieldProblems(settingsSchema, parsed.error.issues, input), ...checkRules(readableSections(input))];
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
