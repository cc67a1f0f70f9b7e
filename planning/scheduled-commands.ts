/** What runs by the clock: commands of the app's image, on both steps the same. */

/** One command and when it runs. */
export interface ScheduledCommand {
  /** Arguments of the image. */
  readonly args: readonly string[];
  /** Five fields of cron, in {@link TIME_ZONE}. */
  readonly schedule: string;
  /** Seconds after which it is stopped. */
  readonly timeoutSeconds: number;
}

/** Source: R-98. */
export const TIME_ZONE = "Asia/Seoul";

/** Seconds. Source: R-104. */
const RECOVERY_SECONDS = 3600;

/** Both kinds, verified as they are made. What has had its time goes by the bucket's own rule: the job may delete nothing. */
export const BACKUP_COMMAND: ScheduledCommand = {
  args: ["backup", "create"],
  schedule: "0 2 * * *",
  timeoutSeconds: 3600,
};

/**
 * The newest backup, restored beside what is in use, compared, and dropped: Sundays at 04:00, when nobody is in the way.
 * It may take longer than the hour, so that it can say by how much.
 */
export const REHEARSAL_COMMAND: ScheduledCommand = {
  args: ["backup", "rehearse", "--rto-seconds", String(RECOVERY_SECONDS)],
  schedule: "0 4 * * 0",
  timeoutSeconds: 2 * RECOVERY_SECONDS,
};

/** When the idle watchdog looks, and what counts as idle. */
export interface WatchdogLimits {
  readonly everyMinutes: number;
  /** A minute apart. */
  readonly checks: number;
  readonly gpuPercent: number;
  readonly minUptimeSeconds: number;
  /** Machines that stay up. */
  readonly floor: number;
  readonly dryRun: boolean;
}

/** Seconds between two checks. Source: R-103. */
const CHECK_SECONDS = 60;

/**
 * One look at the machines with these labels.
 * @param prometheus base URL
 */
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
    // It is over long before the next one looks.
    timeoutSeconds: Math.max(CHECK_SECONDS, limits.everyMinutes * 60 - 30),
  };
}
