import type { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import type { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import { configMetadata } from "../compute/boot/config-files";
import { StatefulVm, type StatefulVmProps } from "../compute/stateful-vm";
import type { MonitoringContent } from "./monitoring-content";
import { monitoringFiles } from "./monitoring-files";
import { monitoringUserData } from "./monitoring-user-data";

export interface MonitoringVmProps
  extends Omit<StatefulVmProps, "configuration" | "role" | "userData">,
    MonitoringContent {}

/**
 * Prometheus, Alertmanager and Grafana. Rules, routes and dashboards are metadata: the machine takes changes within
 * seconds, without a reboot (docs/adr/0013), and Prometheus keeps the old configuration where it refuses the new one.
 * It finds GPU VMs by the label `role=llm`. Grafana is reached by `gcloud compute start-iap-tunnel <name> 3000
 * --local-host-port=localhost:3000`; without a version of its password's secret it stays down, and logs why.
 * @example
 * new MonitoringVm(this, "monitoring", {
 *   name: names.of("monitoring"), zone, machineType: "e2-standard-2", diskGb: 50, retentionDays: 30,
 *   subnetwork: names.subnetworkLink(), serviceAccountEmail: names.accountEmail("monitoring"),
 *   project, scrapeZones: ["asia-northeast3-a", "asia-northeast3-b"], appPort: 8001,
 *   images: monitoringImages, routing: ALERT_ROUTING,
 *   grafanaPasswordSecret: names.secret("grafana-admin"), ruleFiles: ruleFiles(runbooksUrl), pushSeconds: 60,
 *   slack: { channel: "#llm-alerts", webhookSecret: names.secret("slack-webhook") }, environment: "production",
 * });
 */
export class MonitoringVm extends Construct {
  readonly instance: ComputeInstance;
  readonly disk: ComputeDisk;
  /** Private IPv4, known after the first apply. */
  readonly address: string;

  constructor(scope: Construct, id: string, props: MonitoringVmProps) {
    super(scope, id);
    const userData = monitoringUserData(props);
    const vm = new StatefulVm(this, "machine", {
      ...props,
      role: "monitoring",
      userData,
      configuration: configMetadata(monitoringFiles(props), Buffer.byteLength(userData)),
    });
    this.instance = vm.instance;
    this.disk = vm.disk;
    this.address = vm.address;
  }
}
