import { backupRunner } from "./backups";
import type { Settings } from "./settings";

type Needed = Pick<Settings, "data" | "kubernetes" | "idleWatchdog">;

/** What runs by a clock outside the cluster, each by the last part of its name. */
export type ScheduledJobName = "backup" | "restore-test" | "watchdog";

export function scheduledJobs(settings: Needed): readonly ScheduledJobName[] {
  return [
    ...(backupRunner(settings) === "cloud-run" ? (["backup", "restore-test"] as const) : []),
    ...(settings.idleWatchdog === null ? [] : (["watchdog"] as const)),
  ];
}

/** Whether anything runs by a clock outside the cluster. */
export function hasScheduledJobs(settings: Needed): boolean {
  return scheduledJobs(settings).length > 0;
}
