/** Settings with a cluster: production's, and one for each choice that changes what its pods are. */
import { ROUTE_CLASSES, tableOf } from "../../../app/src/contract/tasks";
import production from "../../../settings/environments/production";
import { parseSettings } from "../../../settings/parse";
import type { Settings, SettingsInput } from "../../../settings/schema/settings";

type KubernetesInput = NonNullable<SettingsInput["kubernetes"]>;

function cluster(changes: Partial<KubernetesInput>, others: Partial<SettingsInput> = {}): SettingsInput {
  if (!production.kubernetes) throw new Error("production has no cluster");
  return {
    ...production,
    budget: { monthlyUsd: 100_000 },
    ...others,
    kubernetes: { ...production.kubernetes, ...changes },
  };
}

const [group] = production.groups;
const oneModel: Partial<SettingsInput> = {
  groups: production.groups.map((each) => ({ ...each, engines: group?.engines.slice(0, 1) ?? [] })),
  routes: tableOf(ROUTE_CLASSES, (name) => ({
    ...production.routes[name],
    model: "gemma3-12b-it-gptq",
    fallback: undefined,
  })),
};

const INPUTS: Readonly<Record<string, SettingsInput>> = {
  production,
  "other port": cluster({}, { appPort: 9000 }),
  "weights from the image": cluster({}, { modelSource: "image" }),
  "gateway beside the engine": cluster({ gateway: { besideEngine: true } }, oneModel),
  "the cluster's vectors": cluster({ vectorStore: "cluster" }),
  "an embedding server": cluster(
    {},
    { embeddings: { url: "http://embed.example.internal/v1", range: "10.40.0.0/28" } },
  ),
  "Google's adapter": cluster({ metricsAdapter: "google" }),
  canary: cluster({ colours: { blue: 75, green: 25 } }),
  "both colours, blue serving": cluster({ colours: { blue: 50, green: 50, serving: "blue" } }),
  "Spot nodes": cluster({
    gpuPool: { minNodes: 6, maxNodes: 12, spotMaxNodes: 2 },
    autoProvisioning: { maxL4: 14 },
    quota: { l4: 20, preemptibleL4: 2 },
  }),
  "pods that surge": cluster({
    engines: { minReplicas: 2, maxReplicas: 3, surgePods: 1 },
    gpuPool: { minNodes: 2, maxNodes: 12 },
  }),
  "a warm spare": cluster({
    warmSpare: true,
    gpuPool: { minNodes: 2, maxNodes: 13 },
    autoProvisioning: { maxL4: 13 },
  }),
};

export const CLUSTER_NAMES: readonly string[] = Object.keys(INPUTS);

/** Settings by name. @throws Error for an unknown one; SettingsError where they are refused. */
export function clusterSettings(name: string): Settings {
  const input = INPUTS[name];
  if (input === undefined) throw new Error(`no settings "${name}"`);
  return parseSettings(input);
}
