import { ROUTE_CLASSES } from "../../../app/src/contract/tasks";
import demo from "../../../settings/environments/demo";
import production from "../../../settings/environments/production";
import type { SettingsInput } from "../../../settings/schema/settings";

type Group = SettingsInput["groups"][number];
type ManagedDataInput = Extract<NonNullable<SettingsInput["data"]>, { kind: "managed" }>;
type ClusterInput = NonNullable<SettingsInput["kubernetes"]>;

export { demo, production };

/** The groups of production. */
export const { ai1, ai2 } = groupsOf(production);
export const cluster = clusterOf(production);
export const managedData = managedDataOf(production);

/** Production with money for whatever is added to it. */
export const generous: SettingsInput = { ...production, budget: { monthlyUsd: 30000 } };

export const threeVms: SettingsInput = {
  ...withGroups({ ...ai1, instances: vms("llm-vm-1", "llm-vm-3") }, ai2),
  budget: generous.budget,
};

export const threeGroups: SettingsInput = {
  ...withGroups(ai1, ai2, { ...ai2, name: "ai-3", instances: vms("llm-vm-3") }),
  budget: generous.budget,
};

/** An apply of settings that name the group which they change. */
export function naming(name: string, settings: SettingsInput): SettingsInput {
  return { ...settings, changing: { kind: "group", name } };
}

/** A domain with one name beside it. */
export function bothHosts(host: string, alias: string): NonNullable<SettingsInput["domain"]> {
  return { host, aliases: [alias], dnsZone: "example.com" };
}

export function vms(...names: readonly string[]): Group["instances"] {
  return { kind: "unmanaged", vms: names.map((name) => ({ name })) };
}

/** Production with these groups, each for every route. */
export function withGroups(...groups: Group[]): SettingsInput {
  const names = groups.map(({ name }) => name);
  const routes = { ...production.routes };
  for (const name of ROUTE_CLASSES) routes[name] = { ...routes[name], groups: names };
  return { ...production, groups, routes };
}

/** The settings of two groups, each with what its machines have of their own. */
export function withMachines(
  settings: SettingsInput,
  first: Group["machine"],
  second: Group["machine"],
): SettingsInput {
  return {
    ...settings,
    groups: [
      { ...ai1, machine: first },
      { ...ai2, machine: second },
    ],
  };
}

/** Production with the cluster at a share of the traffic, and the share before. */
export function withClusterShare(gke: number, previous: number | undefined): SettingsInput {
  const before = previous ?? 0;
  return {
    ...production,
    kubernetes: {
      ...cluster,
      traffic: {
        vm: 100 - gke,
        gke,
        attached: true,
        previous: { vm: 100 - before, gke: before, attached: previous !== undefined },
      },
    },
  };
}

export function withImage(name: "app" | "engine", digit: string): SettingsInput {
  const digest = `sha256:${digit.repeat(64)}`;
  return { ...production, images: { ...production.images, [name]: { ...production.images[name], digest } } };
}

function groupsOf({ groups: [ai1, ai2] }: SettingsInput) {
  if (ai1 === undefined || ai2 === undefined) throw new Error("production has two groups");
  return { ai1, ai2 };
}

function clusterOf({ kubernetes }: SettingsInput): ClusterInput {
  if (!kubernetes) throw new Error("production has a cluster");
  return kubernetes;
}

function managedDataOf({ data }: SettingsInput): ManagedDataInput {
  if (data?.kind !== "managed") throw new Error("production has managed data");
  return data;
}
