import type { Construct } from "constructs";
import { PATHS } from "../app/src/contract/endpoints";
import { applyAfter } from "../constructs/apply-after";
import { locatedChart, missingCharts } from "../constructs/gke/chart-mirror";
import { ChartRelease } from "../constructs/gke/chart-release";
import { ClusterAccess } from "../constructs/gke/cluster-access";
import { dcgmExporterValues } from "../constructs/gke/dcgm-exporter-values";
import { DriverInstaller } from "../constructs/gke/driver-installer";
import { GoogleMetricsAdapter } from "../constructs/gke/google-metrics-adapter";
import { GuardedNamespace } from "../constructs/gke/guarded-namespace";
import { MetricsApisOwner } from "../constructs/gke/metrics-apis-owner";
import { MetricsWriter } from "../constructs/gke/metrics-writer";
import { MONITORING_RELEASE, monitoringValues } from "../constructs/gke/monitoring-values";
import { observabilityReleaseValues } from "../constructs/gke/observability/release-values";
import { OwnChartRelease } from "../constructs/gke/own-chart-release";
import { PriorityClasses } from "../constructs/gke/priority-classes";
import { prometheusAdapterValues } from "../constructs/gke/prometheus-adapter-values";
import { QdrantAccess } from "../constructs/gke/qdrant-access";
import { qdrantValues } from "../constructs/gke/qdrant-values";
import type { MirrorRegistries } from "../constructs/gke/registries";
import { RetainedStorage } from "../constructs/gke/retained-storage";
import { DockerRepository } from "../constructs/storage/docker-repository";
import type { Environment } from "../environment/environment";
import { runbooksUrl } from "../environment/runbooks-url";
import { ALERT_ROUTING } from "../observability/alerts/routing";
import { dashboardFiles } from "../observability/dashboards/dashboard-files";
import { ruleGroups } from "../observability/prometheus/rule-files";
import { PLATFORM_RELEASE_SECONDS } from "../planning/apply-times";
import { CHART_IMAGE_REGISTRIES, type ChartName, chartSource, THIRD_PARTY_CHARTS } from "../planning/charts";
import { imageReference } from "../planning/images";
import { EXPORTERS_NAMESPACE } from "../planning/kubernetes-names";
import { usualProvisioning } from "../planning/machine-groups";
import { NAMESPACES, VECTOR_STORE } from "../planning/names";
import { type PlatformDisks, platformDisks } from "../planning/platform-disks";
import { vectorStoreSpread } from "../planning/vector-store-cluster";
import { SettingsError } from "../settings/schema/problems";
import type { KubernetesSettings } from "../settings/schema/settings";
import { TerraceStack } from "./terrace-stack";

/** Days for which metrics are kept where the settings of step 1's monitoring say nothing. */
const DEFAULT_RETENTION_DAYS = 15;

/**
 * What the workload's release needs in the cluster before it comes: namespaces, quotas, priorities, monitoring with its
 * custom resource definitions, the owner of the metrics APIs, GPU metrics, Qdrant, and the driver where GKE does not
 * install it.
 *
 * It looks the cluster up while it is planned, so it plans only where that exists.
 */
export class GkePlatformStack extends TerraceStack {
  private readonly kubernetes: KubernetesSettings;
  private readonly registries: MirrorRegistries;

  /**
   * @throws RangeError where the settings have no cluster.
   * @throws SettingsError where a folder is to be the mirror of the charts and lacks one.
   */
  constructor(scope: Construct, environment: Environment) {
    super(scope, "gke-platform", environment);
    const { settings } = environment;
    const { names } = this;
    const { kubernetes } = settings;
    if (kubernetes === null)
      throw new RangeError(`${settings.environment}: kubernetes is null, so there is no platform`);
    requireMirror(settings.environment, kubernetes);
    this.kubernetes = kubernetes;
    new ClusterAccess(this, "access", {
      cluster: names.cluster,
      location: settings.region,
      project: settings.project,
      chartRegistry: kubernetes.chartMirror,
    });
    const mirrors = this.imageMirrors();
    this.registries = mirrors.registries;

    const claims = platformDisks(settings, kubernetes.vectorStoreReplicas);
    const { platform, ...prepared } = this.namespaces(claims);
    const monitoring = this.monitoring(platform, claims);
    // Its images, the other namespace that it uses, and its priorities. What follows depends on it.
    applyAfter(monitoring, [...mirrors.repositories, ...Object.values(prepared)]);
    this.observability(platform, monitoring);
    this.metricsApis(platform, monitoring);
    if (kubernetes.dcgm === "chart") this.dcgmExporter(monitoring);
    this.vectorStore(platform, monitoring, claims);
    if (kubernetes.driver === "daemonset") new DriverInstaller(this, "driver-installer");
  }

  /** Nodes reach Artifact Registry and no other registry. */
  private imageMirrors(): { registries: MirrorRegistries; repositories: readonly DockerRepository[] } {
    const { names, settings } = this;
    const repositories = Object.entries(CHART_IMAGE_REGISTRIES).map(
      ([name, upstream]) =>
        new DockerRepository(this, `mirror-${name}`, {
          name: names.of(name),
          region: settings.region,
          description: `Mirror of ${upstream}.`,
          upstream,
          readers: {
            "gke-node": names.accountMember("gke-node"),
            "gke-auto-node": names.accountMember("gke-auto-node"),
          },
        }),
    );
    const registries = {
      quay: names.registryHost(names.of("quay")),
      ghcr: names.registryHost(names.of("ghcr")),
      kubernetes: names.registryHost(names.of("kubernetes")),
      "docker-hub": names.registryHost(names.mirrorRepository("docker-hub")),
      nvcr: names.registryHost(names.mirrorRepository("nvcr")),
    };
    return { registries, repositories };
  }

  private namespaces(claims: PlatformDisks) {
    const { autoProvisioning } = this.kubernetes;
    const serving = new GuardedNamespace(this, "serving", {
      name: NAMESPACES.serving,
      gpus: autoProvisioning.maxL4,
    });
    const exporters = new GuardedNamespace(this, "exporters", {
      name: EXPORTERS_NAMESPACE,
      privilegedBecause: "node-exporter and the DCGM exporter read the node's own files, network and GPU",
    });
    const priorities = new PriorityClasses(this, "priorities");
    const platform = new GuardedNamespace(this, "platform", {
      name: NAMESPACES.platform,
      storageGib: claims.quotaGib,
    });
    return { serving, exporters, platform, priorities };
  }

  private monitoring(platform: GuardedNamespace, { prometheusDiskGib }: PlatformDisks): ChartRelease {
    const { settings, kubernetes, registries } = this;
    return this.release("kube-prometheus-stack", {
      id: "monitoring",
      name: MONITORING_RELEASE,
      namespace: platform.name,
      values: monitoringValues({
        registries,
        environment: settings.environment,
        retentionDays: settings.monitoring?.retentionDays ?? DEFAULT_RETENTION_DAYS,
        diskGib: prometheusDiskGib,
        dcgm: kubernetes.dcgm,
      }),
    });
  }

  /** Rules, dashboards and routes, and what is pushed to Cloud Monitoring. Their definitions come first. */
  private observability(platform: GuardedNamespace, monitoring: ChartRelease): void {
    const { kubernetes, names, settings } = this;
    const { alerts, domain, images, machine, project, region } = settings;
    const runbooks = runbooksUrl(this.environment);
    const release = new OwnChartRelease(this, "observability", {
      chart: "observability",
      name: "observability",
      namespace: platform.name,
      timeoutSeconds: PLATFORM_RELEASE_SECONDS,
      values: observabilityReleaseValues({
        project,
        cluster: { name: names.cluster, location: region },
        images: {
          blackboxExporter: imageReference(names, images.blackboxExporter),
          collector: imageReference(names, images.collector),
        },
        ruleGroups: ruleGroups(runbooks),
        dashboards: dashboardFiles({
          runbooksUrl: runbooks,
          region,
          machineType: machine.type,
          provisioning: usualProvisioning(settings.groups),
        }),
        routing: ALERT_ROUTING,
        channels: {
          slackChannel: alerts.slackChannel,
          mail: alerts.smtp && { ...alerts.smtp, to: alerts.emails },
        },
        probeUrls: [kubernetes.host, ...(domain === null ? [] : [domain.host])].map(
          (host) => `https://${host}${PATHS.healthz}`,
        ),
        pushSeconds: settings.cloudMetrics.intervalSeconds,
      }),
    });
    applyAfter(release, [monitoring]);
    new MetricsWriter(this, "collector", {
      project,
      workloadPool: names.workloadPool,
      namespace: NAMESPACES.platform,
      serviceAccount: "collector",
    });
  }

  /** The one owner of the custom and external metrics APIs. */
  private metricsApis(platform: GuardedNamespace, monitoring: ChartRelease): void {
    const { kubernetes, registries, settings, names } = this;
    const owner = new MetricsApisOwner(this, "metrics-apis", { adapter: kubernetes.metricsAdapter });
    switch (kubernetes.metricsAdapter) {
      case "prometheus": {
        const adapter = this.release("prometheus-adapter", {
          id: "metrics-adapter",
          name: "prometheus-adapter",
          namespace: platform.name,
          values: prometheusAdapterValues({ registries, prometheusNamespace: NAMESPACES.platform }),
        });
        applyAfter(adapter, [monitoring]);
        owner.holds(adapter);
        return;
      }
      case "google":
        owner.holds(
          new GoogleMetricsAdapter(this, "metrics-adapter", {
            project: settings.project,
            workloadPool: names.workloadPool,
            namespace: platform.name,
          }),
        );
    }
  }

  private dcgmExporter(monitoring: ChartRelease): void {
    const exporter = this.release("dcgm-exporter", {
      id: "dcgm-exporter",
      name: "dcgm-exporter",
      namespace: EXPORTERS_NAMESPACE,
      values: dcgmExporterValues(imageReference(this.names, this.settings.images.dcgmExporter)),
    });
    // It brings a ServiceMonitor, whose definition comes with the monitoring.
    applyAfter(exporter, [monitoring]);
  }

  private vectorStore(
    platform: GuardedNamespace,
    monitoring: ChartRelease,
    { vectorStoreDiskGib }: PlatformDisks,
  ): void {
    const { settings, names, kubernetes } = this;
    const storageClass = names.of("retained");
    const storage = new RetainedStorage(this, "retained-storage", {
      name: storageClass,
      labels: { ...this.labels, role: VECTOR_STORE },
    });
    const { repository, tag } = imageReference(names, settings.images.vectorStore);
    const release = this.release("qdrant", {
      id: "qdrant",
      name: VECTOR_STORE,
      namespace: platform.name,
      values: qdrantValues({
        repository,
        tag: tag ?? `v${THIRD_PARTY_CHARTS.qdrant.version}`,
        spread: vectorStoreSpread(kubernetes.vectorStoreReplicas),
        diskGib: vectorStoreDiskGib,
        storageClass,
      }),
    });
    applyAfter(release, [monitoring, storage]);
    new QdrantAccess(this, "qdrant-access", { namespace: platform.name, workloadNamespace: NAMESPACES.serving });
  }

  private release(
    chart: ChartName,
    { id, ...props }: { id: string; name: string; namespace: string; values: object },
  ): ChartRelease {
    const source = locatedChart(chartSource(chart, this.kubernetes.chartMirror));
    return new ChartRelease(this, id, { chart, source, timeoutSeconds: PLATFORM_RELEASE_SECONDS, ...props });
  }
}

/** Charts that these settings install. */
function chartsOf({ metricsAdapter, dcgm }: KubernetesSettings): readonly ChartName[] {
  return [
    "kube-prometheus-stack",
    "qdrant",
    ...(metricsAdapter === "prometheus" ? (["prometheus-adapter"] as const) : []),
    ...(dcgm === "chart" ? (["dcgm-exporter"] as const) : []),
  ];
}

/** @throws SettingsError, in one line, where a folder is the mirror of the charts and lacks one of them. */
function requireMirror(environment: string, kubernetes: KubernetesSettings): void {
  const { chartMirror } = kubernetes;
  const missing = missingCharts(chartsOf(kubernetes).map((chart) => chartSource(chart, chartMirror)));
  if (missing.length === 0) return;
  throw new SettingsError(environment, [
    {
      path: "kubernetes.chartMirror",
      value: chartMirror,
      rule: `lacks ${missing.join(", ")}`,
      fix: "put them there with `helm pull`, as docs/guides/closed-network.md shows, or remove chartMirror",
    },
  ]);
}
