import type { Construct } from "constructs";
import { PATHS, PORTS } from "../app/src/contract/endpoints";
import { AppliedSettings } from "../constructs/applied-settings";
import { GpuInstanceTemplate } from "../constructs/compute/gpu-instance-template";
import { GpuVm } from "../constructs/compute/gpu-vm";
import { BackendService } from "../constructs/loadbalancing/backend-service";
import { HttpHealthCheck } from "../constructs/loadbalancing/http-health-check";
import { ManagedInstanceGroup, REPAIR_CHECK } from "../constructs/loadbalancing/managed-instance-group";
import { NetworkEndpointGroup } from "../constructs/loadbalancing/network-endpoint-group";
import { UnmanagedInstanceGroup } from "../constructs/loadbalancing/unmanaged-instance-group";
import { PrivateRecord } from "../constructs/network/private-record";
import { collectorConfig, machineScrapes } from "../constructs/observability/collector-config";
import { MonitoringVm } from "../constructs/observability/monitoring-vm";
import { balancingInSteps, groupsInSteps, machinesInSteps } from "../environment/changes-in-steps";
import type { Environment } from "../environment/environment";
import { machineUnit } from "../environment/machine-unit";
import { runbooksUrl } from "../environment/runbooks-url";
import { ALERT_ROUTING } from "../observability/alerts/routing";
import { dashboardFiles } from "../observability/dashboards/dashboard-files";
import { ruleFiles } from "../observability/prometheus/rule-files";
import { imageReference } from "../planning/images";
import { HEALTH_CHECK } from "../planning/load-balancer-check";
import { machineOf, usualProvisioning } from "../planning/machine-groups";
import { resourceName, VECTOR_STORE } from "../planning/names";
import type { Provisioning } from "../planning/provisioning";
import type { GroupSettings, MonitoringSettings, Settings } from "../settings/schema/settings";
import { TerraceStack } from "./terrace-stack";

type Instances<Kind> = Extract<GroupSettings["instances"], { kind: Kind }>;
type Balancing<Mode> = Extract<Settings["balancing"], { mode: Mode }>;

/** A VM beside its name as settings write it; the resource's own is a token. */
interface NamedVm {
  readonly name: string;
  readonly vm: GpuVm;
}

/** Step 1: GPU VMs in groups, one backend service per route class over them, and the VM that watches. */
export class VmServingStack extends TerraceStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, "vm-serving", environment);
    const { settings } = environment;
    this.addBackendServices();
    if (settings.monitoring !== null) this.addMonitoring(settings.monitoring);
  }

  private addBackendServices(): void {
    const { balancing, appPort, grace, routes } = this.settings;
    const healthCheck = new HttpHealthCheck(this, "health-check", {
      name: this.names.of("healthz"),
      path: PATHS.healthz,
      port: appPort,
      ...HEALTH_CHECK,
    });
    // Every backend service refers to it.
    new AppliedSettings(this, "applied-groups", groupsInSteps(this.settings)).guard(healthCheck.resource);
    new AppliedSettings(this, "applied-balancing", balancingInSteps(this.settings)).guard(healthCheck.resource);
    const balance =
      balancing.mode === "utilization" ? this.balanceByUtilization(balancing) : this.balanceByMetrics(balancing);
    for (const [name, route] of Object.entries(routes)) {
      new BackendService(this, `backend-${name}`, {
        name: this.names.backendService(name),
        healthCheck: healthCheck.link,
        securityPolicy: this.names.securityPolicyLink(),
        drainingSeconds: grace.loadBalancerDrainingSeconds,
        ...balance(route.groups),
      });
    }
  }

  /** Named VMs are in instance groups. */
  private balanceByUtilization(balancing: Balancing<"utilization">) {
    const groups = this.groupsByName((group, vms) => {
      const { name, zone } = group;
      const instances = vms.map(({ name: vmName, vm }) => ({ name: vmName, link: vm.selfLink }));
      return new UnmanagedInstanceGroup(this, `group-${name}`, { name, zone, port: this.settings.appPort, instances });
    });
    return (wanted: readonly string[]) => ({ ...balancing, groups: pick(groups, wanted) });
  }

  /** Named VMs are in endpoint groups, because instance groups of such VMs cannot be balanced by metrics. */
  private balanceByMetrics(balancing: Balancing<"custom-metrics">) {
    const groups = this.groupsByName((group, vms) => {
      const { name, zone } = group;
      return new NetworkEndpointGroup(this, `group-${name}`, {
        name,
        zone,
        network: this.names.networkLink(),
        subnetwork: this.names.subnetworkLink(),
        port: this.settings.appPort,
        endpoints: vms.map(({ name: instance, vm }) => ({
          instance,
          ipAddress: vm.instance.networkInterface.get(0).networkIp,
        })),
      });
    });
    return (wanted: readonly string[]) => ({ ...balancing, groups: pick(groups, wanted) });
  }

  private groupsByName<Group>(addUnmanaged: (group: GroupSettings, vms: readonly NamedVm[]) => Group) {
    return new Map<string, Group | ManagedInstanceGroup>(
      this.settings.groups.map((group) => [
        group.name,
        group.instances.kind === "managed"
          ? this.addManagedGroup(group, group.instances)
          : addUnmanaged(group, this.addVms(group, group.instances)),
      ]),
    );
  }

  private addVms(group: GroupSettings, { vms }: Instances<"unmanaged">): NamedVm[] {
    const applied = new AppliedSettings(this, `applied-${group.name}`, machinesInSteps(this.settings, group));
    return vms.map(({ name, provisioning }) => {
      const vm = new GpuVm(this, `vm-${name}`, { ...this.machine(group, provisioning), name, zone: group.zone });
      applied.guard(vm.instance);
      return { name, vm };
    });
  }

  private addManagedGroup(group: GroupSettings, instances: Instances<"managed">): ManagedInstanceGroup {
    const { name, zone } = group;
    const { minInstances, maxInstances, provisioning } = instances;
    const port = this.settings.appPort;
    const template = new GpuInstanceTemplate(this, `template-${name}`, {
      ...this.machine(group, provisioning),
      namePrefix: `${name}-`,
    });
    const repairCheck = new HttpHealthCheck(this, `repair-${name}`, {
      name: this.names.of(name, "repair"),
      path: PATHS.live,
      port,
      ...REPAIR_CHECK,
    });
    return new ManagedInstanceGroup(this, `group-${name}`, {
      // A name of its own: Google keeps both kinds of group in one list, and either may follow the other.
      name: resourceName(name, "managed"),
      baseInstanceName: name,
      zone,
      port,
      instanceTemplate: template.selfLink,
      repairHealthCheck: repairCheck.link,
      minInstances,
      maxInstances,
    });
  }

  /** What every machine of a group has in common, named or from a template. */
  private machine(group: GroupSettings, provisioning: Provisioning) {
    const { environment } = this.settings;
    const { type, bootDiskGb } = machineOf(this.settings.machine, group);
    return {
      machineType: type,
      bootDiskGb,
      subnetwork: this.names.subnetworkLink(),
      serviceAccountEmail: this.names.accountEmail("llm-vm"),
      unit: machineUnit(this.environment, group, provisioning),
      provisioning,
      group: group.name,
      environment,
      collector: this.collector(),
      // The provider's default labels do not reach the boot disk.
      labels: this.labels,
    };
  }

  /** What each machine pushes to Cloud Monitoring, for its group's autoscaler. */
  private collector() {
    const { appPort, cloudMetrics, images, project } = this.settings;
    return {
      image: imageReference(this.names, images.collector),
      config: collectorConfig({
        project,
        intervalSeconds: cloudMetrics.intervalSeconds,
        scrapes: machineScrapes(appPort, PORTS.dcgmExporter),
        resource: { kind: "machine" },
      }),
    };
  }

  private addMonitoring(monitoring: MonitoringSettings): void {
    const { names, settings } = this;
    const { appPort, cloudMetrics, data, domain, environment, groups, images, project } = settings;
    const runbooks = runbooksUrl(this.environment);
    const image = (name: keyof Settings["images"]) => imageReference(names, images[name]);
    const { address } = new MonitoringVm(this, "monitoring", {
      ...monitoring,
      prometheusOpen: settings.idleWatchdog !== null,
      ...this.notifications(),
      name: names.of("monitoring"),
      subnetwork: names.subnetworkLink(),
      serviceAccountEmail: names.accountEmail("monitoring"),
      environment,
      project,
      labels: this.labels,
      scrapeZones: [...new Set(groups.map((group) => group.zone))],
      appPort,
      qdrantHost: data.kind === "managed" ? names.privateHost(VECTOR_STORE) : undefined,
      probeUrl: domain === null ? undefined : `https://${domain.host}${PATHS.healthz}`,
      pushSeconds: cloudMetrics.intervalSeconds,
      images: {
        prometheus: image("prometheus"),
        alertmanager: image("alertmanager"),
        grafana: image("grafana"),
        blackboxExporter: image("blackboxExporter"),
        nodeExporter: image("nodeExporter"),
        collector: image("collector"),
      },
      grafanaPasswordSecret: names.secret("grafana-admin"),
      ruleFiles: ruleFiles(runbooks),
      dashboards: dashboardFiles({
        runbooksUrl: runbooks,
        region: settings.region,
        machineType: settings.machine.type,
        provisioning: usualProvisioning(settings.groups),
      }),
    });
    if (settings.idleWatchdog === null) return;
    const host = names.privateHost("monitoring");
    new PrivateRecord(this, "monitoring-name", { zone: names.privateZone, host, address });
  }

  /** Routes of alerts, and their channels. */
  private notifications() {
    const { names, settings } = this;
    const { slackChannel, smtp, emails } = settings.alerts;
    return {
      routing: ALERT_ROUTING,
      slack:
        slackChannel === undefined
          ? undefined
          : { channel: slackChannel, webhookSecret: names.secret("slack-webhook") },
      mail: smtp === undefined ? undefined : { ...smtp, to: emails, passwordSecret: names.secret("smtp-login") },
    };
  }
}

/** The groups of a route. @throws RangeError where one is unknown; settings are checked before, so this is a defect. */
function pick<Group>(groups: ReadonlyMap<string, Group>, wanted: readonly string[]): Group[] {
  return wanted.map((name) => {
    const group = groups.get(name);
    if (group === undefined) throw new RangeError(`no instance group is called "${name}"`);
    return group;
  });
}
