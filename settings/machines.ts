import type { Provisioning } from "../planning/prices";
import type { GroupSettings, Settings } from "./settings";

/**
 * Fewest and most machines of a group; a managed group stands between its bounds, named VMs are all there.
 * @param provisioning counts machines of this model only
 */
export function machinesOf(
  { instances }: Pick<GroupSettings, "instances">,
  provisioning?: Provisioning,
): { readonly min: number; readonly max: number } {
  const counts = (model: Provisioning) => provisioning === undefined || model === provisioning;
  if (instances.kind === "managed") {
    const { minInstances, maxInstances } = instances;
    return counts(instances.provisioning) ? { min: minInstances, max: maxInstances } : { min: 0, max: 0 };
  }
  const { length } = instances.vms.filter((vm) => counts(vm.provisioning));
  return { min: length, max: length };
}

/** By what price most machines are reckoned: Spot's only where no machine is anything else. */
export function usualProvisioning({ groups }: Pick<Settings, "groups">): Provisioning {
  return groups.every((group) => machinesOf(group, "standard").max === 0) ? "spot" : "standard";
}
