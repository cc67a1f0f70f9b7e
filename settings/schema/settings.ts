/**
 * The settings of one environment: the only thing a user writes. Every field says its unit, and its default as
 * behaviour. The shape alone; `parseSettings` in schema.ts checks it, and what must hold across fields.
 */
import { z } from "zod";
import { kubernetesField } from "./kubernetes";
import { platformFields } from "./platform";
import { projectFields } from "./project";
import { servingFields } from "./serving";

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
export type WatchdogSettings = NonNullable<Settings["idleWatchdog"]>;
export type MonitoringSettings = NonNullable<Settings["monitoring"]>;
