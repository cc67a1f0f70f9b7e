import { backupRunner } from "./backups";
import type { Environment } from "./environment";

/** Jobs that Cloud Scheduler starts outside the cluster, each by the last part of its name. */
export type ScheduledJobName = "backup" | "restore-test" | "watchdog";

export function scheduledJobs(environment: Environment): readonly ScheduledJobName[] {
  return [
    ...(backupRunner(environment) === "cloud-run" ? (["backup", "restore-test"] as const) : []),
    ...(environment.settings.idleWatchdog === null ? [] : (["watchdog"] as const)),
  ];
}

export function hasScheduledJobs(environment: Environment): boolean {
  return scheduledJobs(environment).length > 0;
}
