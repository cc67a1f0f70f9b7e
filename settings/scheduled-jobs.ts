import { backupRunner } from "./backups";
import type { Settings } from "./settings";

/** Whether anything runs by a clock outside the cluster. */
export function hasScheduledJobs(settings: Pick<Settings, "data" | "kubernetes" | "idleWatchdog">): boolean {
  return backupRunner(settings) === "cloud-run" || settings.idleWatchdog !== null;
}
