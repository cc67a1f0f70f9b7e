/** A command of the app's image. */
export interface ScheduledCommand {
  readonly args: readonly string[];
  /** Cron, in {@link TIME_ZONE}. */
  readonly schedule: string;
  readonly timeoutSeconds: number;
}

/** Source: R-98. */
export const TIME_ZONE = "Asia/Seoul";

/** Seconds. Source: R-104. */
const RECOVERY_SECONDS = 3600;

/** The bucket's rule expires old ones: the job may delete nothing. */
export const BACKUP_COMMAND: ScheduledCommand = {
  args: ["backup", "create"],
  schedule: "0 2 * * *",
  timeoutSeconds: 3600,
};

/**
 * Restores the newest backup beside what is in use, on Sundays at 04:00. The limit is twice the objective, so that it
 * can report by how much it was missed.
 */
export const REHEARSAL_COMMAND: ScheduledCommand = {
  args: ["backup", "rehearse", "--rto-seconds", String(RECOVERY_SECONDS)],
  schedule: "0 4 * * 0",
  timeoutSeconds: 2 * RECOVERY_SECONDS,
};

export interface WatchdogLimits {
  readonly everyMinutes: number;
  /** A minute apart. */
  readonly checks: number;
  readonly gpuPercent: number;
  readonly minUptimeSeconds: number;
  /** Machines that are never stopped. */
  readonly floor: number;
  readonly dryRun: boolean;
}

/** Seconds between two checks. Source: R-103. */
const CHECK_SECONDS = 60;

/** @param prometheus base URL */
export function watchdogRun(
  limits: WatchdogLimits,
  where: {
    readonly prometheus: string;
    readonly project: string;
    readonly gatewayPort: number;
    readonly labels: Readonly<Record<string, string>>;
  },
): ScheduledCommand {
  return {
    args: [
      "watchdog",
      "--prometheus",
      where.prometheus,
      "--project",
      where.project,
      ...Object.entries(where.labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]),
      "--gateway-port",
      String(where.gatewayPort),
      "--floor",
      String(limits.floor),
      "--checks",
      String(limits.checks),
      "--every-seconds",
      String(CHECK_SECONDS),
      "--gpu-percent",
      String(limits.gpuPercent),
      "--min-uptime-seconds",
      String(limits.minUptimeSeconds),
      ...(limits.dryRun ? ["--dry-run"] : []),
    ],
    schedule: `*/${limits.everyMinutes} * * * *`,
    // Ends before the next run starts.
    timeoutSeconds: Math.max(CHECK_SECONDS, limits.everyMinutes * 60 - 30),
  };
}
