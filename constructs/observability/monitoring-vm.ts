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
 * Prometheus, Alertmanager and Grafana on one VM, their data on a disk of its own.
 *
 * Rules, routes and dashboards are metadata, which Terraform changes in place: the machine takes a change within seconds,
 * and is neither rebooted nor replaced (docs/adr/0013). A configuration that Prometheus refuses leaves the old one at work.
 *
 * An alert that always fires is held by Alertmanager; the collector tells Cloud Monitoring how many it holds. When that
 * falls silent, Cloud Monitoring tells somebody.
 *
 * Prometheus finds the GPU VMs by the label `role=llm` of this environment in the given zones, so a VM that is added to
 * a group is scraped with no change here. Prometheus and Alertmanager listen on loopback. Grafana is reached through
 * Identity-Aware Proxy, `gcloud compute start-iap-tunnel <name> 3000 --local-host-port=localhost:3000`; its admin
 * password comes from Secret Manager at boot and has no default: without a version of that secret Grafana stays down
 * and the log says so.
 *
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
  /** Holds metrics, silences and Grafana's database. */
  readonly disk: ComputeDisk;
  /** Private IPv4 address, known after the first apply. */
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
