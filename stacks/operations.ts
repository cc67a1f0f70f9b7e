import type { Construct } from "constructs";
import { ScheduledJob } from "../constructs/operations/scheduled-job";
import { imageReference } from "../planning/images";
import { BACKUP_COMMAND, REHEARSAL_COMMAND, type ScheduledCommand, TIME_ZONE } from "../planning/scheduled-jobs";
import { AUTHORITIES } from "../planning/shared-stores";
import { backupVariables } from "../settings/backups";
import type { Settings } from "../settings/settings";
import { TerraceStack } from "./terrace-stack";

/**
 * What runs by the clock beside the service, in the service's own image, and so is redeployed with it: backups and the
 * rehearsal of their restore. The same for VMs and pods, because both keep their data in the same stores.
 */
export class OperationsStack extends TerraceStack {
  constructor(scope: Construct, settings: Settings) {
    super(scope, "operations", settings);
    this.backupJob("backup", "Daily backup of PostgreSQL and the vectors.", BACKUP_COMMAND);
    this.backupJob("restore-test", "Weekly restore of the newest backup, beside what is in use.", REHEARSAL_COMMAND);
  }

  private backupJob(id: string, description: string, command: ScheduledCommand): void {
    const { names, settings } = this;
    new ScheduledJob(this, id, {
      name: names.of(id),
      project: settings.project,
      region: settings.region,
      description,
      image: imageReference(names, settings.images.app),
      command,
      timeZone: TIME_ZONE,
      env: backupVariables(settings, names, "backup"),
      account: names.accountEmail("backup"),
      starter: names.accountEmail("scheduler"),
      network: { network: names.networkLink(), subnetwork: names.subnetworkLink() },
      folders: [{ bucket: names.bucket("authorities"), path: AUTHORITIES.directory }],
    });
  }
}
