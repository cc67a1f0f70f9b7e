import type { CountRange } from "./cost";
import type { EnginePlacement } from "./engine-placement";
import type { MachineType } from "./gpus";
import type { Provisioning } from "./provisioning";

export type GroupInstances =
  | { readonly kind: "unmanaged"; readonly vms: readonly { readonly provisioning: Provisioning }[] }
  | {
      readonly kind: "managed";
      readonly minInstances: number;
      readonly maxInstances: number;
      readonly provisioning: Provisioning;
    };

/** What a GPU VM is made of. */
export interface GpuMachine {
  readonly type: MachineType;
  readonly bootDiskGb: number;
}

export interface MachineGroup {
  /** Where its machines differ from the others. */
  readonly machine?: Partial<GpuMachine> | undefined;
  readonly instances: GroupInstances;
  readonly engines: readonly EnginePlacement[];
}

/** The machine of a group: what it says itself, else the environment's. */
export function machineOf<Machine extends Partial<GpuMachine>>(
  environment: Machine,
  { machine = {} }: Pick<MachineGroup, "machine">,
): Machine {
  return { ...environment, ...machine };
}

/** @param provisioning counts machines of this model only. @default all */
export function machinesOf({ instances }: Pick<MachineGroup, "instances">, provisioning?: Provisioning): CountRange {
  const counts = (model: Provisioning) => provisioning === undefined || model === provisioning;
  if (instances.kind === "managed") {
    const { minInstances, maxInstances } = instances;
    return counts(instances.provisioning) ? { min: minInstances, max: maxInstances } : { min: 0, max: 0 };
  }
  const { length } = instances.vms.filter((vm) => counts(vm.provisioning));
  return { min: length, max: length };
}

/** Prices are Spot's only where every machine is. */
export function usualProvisioning(groups: readonly Pick<MachineGroup, "instances">[]): Provisioning {
  return groups.every((group) => machinesOf(group, "standard").max === 0) ? "spot" : "standard";
}
