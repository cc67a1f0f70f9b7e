import type { Construct } from "constructs";
import { MONITORING_PORTS } from "../constructs/observability/monitoring-ports";
import { ScheduledJob, type ScheduledJobProps } from "../constructs/operations/scheduled-job";
import { StopPermission } from "../constructs/operations/stop-permission";
import { backupRunner, backupVariables } from "../environment/backups";
import type { Environment } from "../environment/environment";
import type { ScheduledJobName } from "../environment/scheduled-jobs";
import { imageReference } from "../planning/images";
import { BACKUP_COMMAND, REHEARSAL_COMMAND, TIME_ZONE, watchdogRun } from "../planning/scheduled-commands";
import { AUTHORITIES } from "../planning/shared-stores";
import type { WatchdogSettings } from "../settings/schema/settings";
import { TerraceStack } from "./terrace-stack";

/**
 * What runs by the clock beside the service, in the service's own image, and so is redeployed with it: backups and the
 * rehearsal of their restore, the same for VMs and pods, because both keep their data in the same stores; and the watchdog
 * of idle machines, where the settings have one.
 */
export class OperationsStack extends TerraceStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, "operations", environment);
    const { settings } = environment;
    if (backupRunner(environment) === "cloud-run") this.backups();
    if (settings.idleWatchdog !== null) this.watchdog(settings.idleWatchdog);
  }

  private backups(): void {
    const common = {
      account: this.names.accountEmail("backup"),
      env: backupVariables(this.environment, "backup"),
      folders: [{ bucket: this.names.bucket("authorities"), path: AUTHORITIES.directory }],
    };
    this.job("backup", {
      ...common,
      description: "Daily backup of PostgreSQL and the vectors.",
      command: BACKUP_COMMAND,
    });
    this.job("restore-test", {
      ...common,
      description: "Weekly restore of the newest backup, beside what is in use.",
      command: REHEARSAL_COMMAND,
    });
  }

  private watchdog(limits: WatchdogSettings): void {
    const { names, settings } = this;
    const { project, environment, appPort, groups } = settings;
    const account = names.accountEmail("watchdog");
    this.job("watchdog", {
      account,
      description: limits.dryRun ? "Says which machines nobody uses." : "Stops machines that nobody uses.",
      command: watchdogRun(limits, {
        prometheus: `http://${names.privateHost("monitoring")}:${MONITORING_PORTS.prometheus}`,
        project,
        gatewayPort: appPort,
        labels: { role: "llm", environment },
      }),
      env: {},
      // The next look is minutes away.
      maxRetries: 0,
    });
    const machines = groups.flatMap(({ zone, instances }) =>
      instances.kind === "unmanaged" ? instances.vms.map(({ name }) => ({ name, zone })) : [],
    );
    if (!limits.dryRun) {
      new StopPermission(this, "watchdog-stops", {
        project,
        account,
        customRole: names.customRole("watchdog"),
        machines,
      });
    }
  }

  private job(
    id: ScheduledJobName,
    props: Pick<ScheduledJobProps, "account" | "command" | "description" | "env" | "folders" | "maxRetries">,
  ): void {
    const { names, settings } = this;
    new ScheduledJob(this, id, {
      ...props,
      name: names.of(id),
      project: settings.project,
      region: settings.region,
      image: imageReference(names, settings.images.app),
      timeZone: TIME_ZONE,
      starter: names.accountEmail("scheduler"),
      network: { network: names.networkLink(), subnetwork: names.subnetworkLink() },
    });
  }
}
