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

/** Source: third document, backups: `0 2 * * *` of a service in Seoul. */
export const TIME_ZONE = "Asia/Seoul";

/** Seconds. Source: infrastructure specification, §9: what is lost must be back within an hour. */
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

/** Variable of the app that says where backups go. */
export const BACKUP_DESTINATION = "BACKUP_DESTINATION";
