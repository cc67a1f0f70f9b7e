import { machinesOf } from "../planning/machine-groups";
import type { Environment } from "./environment";

/** GPU VMs whose absence is a fault. Where a watchdog stops idle ones, only its floor counts. */
export function machinesThatStay({ settings: { groups, idleWatchdog } }: Environment): number {
  if (idleWatchdog !== null && !idleWatchdog.dryRun) return idleWatchdog.floor;
  return groups.reduce((sum, group) => sum + machinesOf(group).min, 0);
}
