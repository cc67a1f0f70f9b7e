import demo from "../../settings/environments/demo";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import type { Settings, SettingsInput } from "../../settings/schema/settings";

/**
 * Settings that the invariants and policies hold for: the two that are shipped, and one for each choice that changes
 * which resources there are.
 */
const INPUTS: Readonly<Record<string, SettingsInput>> = {
  demo,
  production,
  "other-port": { ...production, appPort: 9000 },
  "custom-metrics": { ...production, balancing: { mode: "custom-metrics" } },
  managed: {
    ...production,
    groups: production.groups.map((group) => ({
      ...group,
      instances: { kind: "managed", minInstances: 1, maxInstances: 2 },
    })),
    budget: { monthlyUsd: 20000 },
  },
  // Half of the move, Spot nodes over the floor, and each of the cluster's other choices.
  moving: {
    ...production,
    kubernetes: production.kubernetes && {
      ...production.kubernetes,
      traffic: { vm: 50, gke: 50, attached: true, previous: { vm: 75, gke: 25, attached: true } },
      gpuPool: { minNodes: 2, maxNodes: 8, spotMaxNodes: 4 },
      quota: { l4: 20, preemptibleL4: 4 },
      driver: "daemonset",
      dcgm: "chart",
      metricsAdapter: "google",
    },
  },
  "image-models": { ...production, modelSource: "image" },
  // Machines that a watchdog may stop, and the cluster's own vectors, whose backups are the cluster's too.
  watched: {
    ...production,
    idleWatchdog: { floor: 1, dryRun: false },
    embeddings: { url: "http://embed.example.internal:8080/v1", range: "10.40.0.0/28" },
    kubernetes: production.kubernetes && { ...production.kubernetes, vectorStore: "cluster" },
  },
  "demo-with-data": { ...demo, data: production.data, monitoring: production.monitoring, budget: production.budget },
};

/** The environments as they are shipped: those with an inventory and a snapshot. */
export const SHIPPED = ["demo", "production"] as const;

/** Every environment that tests look at, by name. */
export const ENVIRONMENT_NAMES: readonly string[] = Object.keys(INPUTS);

const PARSED = new Map<string, Settings>();

/** Settings of an environment. @throws Error for an unknown name; SettingsError where the settings are refused. */
export function settingsOf(name: string): Settings {
  const parsed = PARSED.get(name) ?? parsedSettings(name);
  PARSED.set(name, parsed);
  return parsed;
}

function parsedSettings(name: string): Settings {
  const input = INPUTS[name];
  if (input === undefined) throw new Error(`no environment "${name}"; there are ${ENVIRONMENT_NAMES.join(", ")}`);
  return parseSettings(input);
}
