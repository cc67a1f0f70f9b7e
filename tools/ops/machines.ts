/** The GPU machines of an environment, as its settings name them. */
import { Names } from "../../planning/names";
import type { Provisioning } from "../../planning/provisioning";
import type { Settings } from "../../settings/schema/settings";
import { OpsError } from "./ops-error";

/** A machine by name. */
export interface Machine {
  readonly name: string;
  readonly zone: string;
  readonly group: string;
  readonly project: string;
  readonly provisioning: Provisioning;
  /** TCP port of its gateway. */
  readonly appPort: number;
  /** Backend services that send it traffic. */
  readonly services: readonly string[];
}

/** Every machine that has a name; those of managed groups come and go. */
export function namedMachines(settings: Settings): readonly Machine[] {
  const names = new Names(settings);
  return settings.groups.flatMap((group) => {
    if (group.instances.kind !== "unmanaged") return [];
    const services = Object.entries(settings.routes)
      .filter(([, route]) => route.groups.includes(group.name))
      .map(([route]) => names.backendService(route));
    return group.instances.vms.map(({ name, provisioning }) => ({
      name,
      provisioning,
      services,
      zone: group.zone,
      group: group.name,
      project: settings.project,
      appPort: settings.appPort,
    }));
  });
}

/** @throws OpsError naming those that there are */
export function machineNamed(settings: Settings, name: string): Machine {
  const machines = namedMachines(settings);
  const found = machines.find((machine) => machine.name === name);
  if (found !== undefined) return found;
  const managed = settings.groups.find(
    (group) => group.instances.kind === "managed" && name.startsWith(`${group.name}-`),
  );
  if (managed !== undefined) {
    throw new OpsError(
      `${name} is one of the managed group ${managed.name}, which replaces its machines itself: gcloud compute instance-groups managed rolling-action restart ${managed.name}-managed --zone=${managed.zone} --project=${settings.project}`,
    );
  }
  const known = machines.map((machine) => machine.name).join(", ") || "none";
  throw new OpsError(`${settings.environment} has no machine ${name}; it has ${known}`);
}
