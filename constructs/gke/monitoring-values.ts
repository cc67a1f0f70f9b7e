import { PORTS } from "../../app/src/contract";
import { EXPORTERS_NAMESPACE, PRIORITY_CLASSES } from "../../planning/kubernetes-names";
import { ALERTMANAGER_DISK_GIB } from "../../planning/platform-disks";
import type { MirrorRegistries } from "./registries";

/** Release of kube-prometheus-stack, and prefix of everything that it makes. */
export const MONITORING_RELEASE = "monitoring";
/** Service of Prometheus in the release's namespace; its port is Prometheus' own. */
export const PROMETHEUS_SERVICE = { name: `${MONITORING_RELEASE}-prometheus`, port: 9090 } as const;
/** Secret with Grafana's first administrator; made by hand, so that no password passes through Terraform. */
const GRAFANA_SECRET = { name: "grafana-admin", userKey: "admin-user", passwordKey: "admin-password" } as const;

/** Namespace of what GKE itself runs. https://cloud.google.com/kubernetes-engine/docs/how-to/dcgm-metrics */
const GKE_MANAGED_NAMESPACE = "gke-managed-system";
/** GKE's class of balanced persistent disks. https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes */
const BALANCED_DISK = "standard-rwo";
/** Share of its disk that Prometheus may fill; the rest is room for compaction. */
const PROMETHEUS_DISK_SHARE = 0.8;
/** Between two scrapes. Rates over a minute need at least four. */
const SCRAPE_INTERVAL = "15s";

export interface MonitoringValuesProps {
  readonly registries: MirrorRegistries;
  /** Label of every series and alert. */
  readonly environment: string;
  /** Days for which metrics are kept. */
  readonly retentionDays: number;
  /** Prometheus' disk, GiB: bounds what is kept too. */
  readonly diskGib: number;
  /** `managed`: GKE's exporter is scraped. `chart`: it brings a monitor of its own, and none is added here. */
  readonly dcgm: "managed" | "chart";
}

/**
 * GKE hides its control plane, runs kube-dns instead of CoreDNS and, with Dataplane V2, no kube-proxy. A monitor of any
 * of these is a target that is down for ever, and an alert that rings for ever.
 */
const HIDDEN_BY_GKE = {
  kubeApiServer: { enabled: false },
  kubeControllerManager: { enabled: false },
  kubeEtcd: { enabled: false },
  kubeProxy: { enabled: false },
  kubeScheduler: { enabled: false },
  coreDns: { enabled: false },
  kubeDns: { enabled: false },
};

/** Monitors and rules of every release and namespace, not of this release alone. */
const EVERY_MONITOR = {
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  ruleSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
  serviceMonitorSelectorNilUsesHelmValues: false,
};

/**
 * GKE's exporter, found by its port: the labels of its pods are Google's and may change. Its own labels win, because they
 * name the pod that uses the GPU, and the target's would name the exporter.
 */
const MANAGED_DCGM_SCRAPE = {
  job_name: "dcgm",
  honor_labels: true,
  kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [GKE_MANAGED_NAMESPACE] } }],
  relabel_configs: [
    {
      source_labels: ["__meta_kubernetes_pod_container_port_number"],
      regex: String(PORTS.dcgmExporter),
      action: "keep",
    },
    { source_labels: ["__meta_kubernetes_pod_node_name"], target_label: "node" },
  ],
};

/**
 * Values of kube-prometheus-stack for GKE: Pod Security `restricted` but for node-exporter, which has its own namespace;
 * reached from inside only (`kubectl port-forward`); no default password.
 *
 * Alertmanager notifies nobody by itself: who is told comes with the alerts, as `AlertmanagerConfig` objects.
 */
export function monitoringValues(props: MonitoringValuesProps): object {
  const { registries, environment } = props;
  return {
    fullnameOverride: MONITORING_RELEASE,
    ...HIDDEN_BY_GKE,
    // Windows nodes there are none.
    windowsMonitoring: { enabled: false },
    prometheusOperator: {
      image: { registry: registries.quay },
      prometheusConfigReloader: { image: { registry: registries.quay } },
      admissionWebhooks: { patch: { image: { registry: registries.ghcr } } },
      resources: resources("100m", "128Mi", "256Mi"),
    },
    prometheus: { service: { type: "ClusterIP" }, prometheusSpec: prometheusSpec(props) },
    alertmanager: {
      service: { type: "ClusterIP" },
      alertmanagerSpec: {
        image: { registry: registries.quay },
        // Every namespace's AlertmanagerConfig is read, for alerts of any namespace.
        alertmanagerConfigMatcherStrategy: { type: "None" },
        storage: claim(`${ALERTMANAGER_DISK_GIB}Gi`),
        resources: resources("50m", "64Mi", "128Mi"),
      },
    },
    grafana: grafanaValues(registries),
    "kube-state-metrics": {
      image: { registry: registries.kubernetes },
      resources: resources("50m", "128Mi", "256Mi"),
    },
    "prometheus-node-exporter": {
      namespaceOverride: EXPORTERS_NAMESPACE,
      image: { registry: registries.quay },
      priorityClassName: PRIORITY_CLASSES.exporter.name,
      resources: resources("50m", "32Mi", "64Mi"),
    },
    defaultRules: { additionalRuleLabels: { environment } },
  };
}

function prometheusSpec({ registries, environment, retentionDays, diskGib, dcgm }: MonitoringValuesProps) {
  return {
    image: { registry: registries.quay },
    ...EVERY_MONITOR,
    externalLabels: { environment },
    scrapeInterval: SCRAPE_INTERVAL,
    evaluationInterval: SCRAPE_INTERVAL,
    retention: `${retentionDays}d`,
    retentionSize: `${Math.floor(diskGib * PROMETHEUS_DISK_SHARE)}GiB`,
    storageSpec: claim(`${diskGib}Gi`),
    resources: resources("500m", "2Gi", "4Gi"),
    ...(dcgm === "managed" ? { additionalScrapeConfigs: [MANAGED_DCGM_SCRAPE] } : {}),
  };
}

function grafanaValues(registries: MirrorRegistries) {
  return {
    image: { registry: registries["docker-hub"] },
    admin: {
      existingSecret: GRAFANA_SECRET.name,
      userKey: GRAFANA_SECRET.userKey,
      passwordKey: GRAFANA_SECRET.passwordKey,
    },
    service: { type: "ClusterIP" },
    // Runs as root; the volume's group does without it.
    initChownData: { enabled: false },
    // Everything that it shows comes from ConfigMaps with the label `grafana_dashboard`, so there is nothing to keep.
    persistence: { enabled: false },
    // The chart's test pod wants an image of its own.
    testFramework: { enabled: false },
    sidecar: { image: { registry: registries.quay } },
    resources: resources("100m", "256Mi", "512Mi"),
    "grafana.ini": {
      analytics: { check_for_updates: false, check_for_plugin_updates: false, reporting_enabled: false },
      users: { allow_sign_up: false },
      plugins: { preinstall_disabled: true },
    },
  };
}

function claim(storage: string) {
  return {
    volumeClaimTemplate: {
      spec: {
        storageClassName: BALANCED_DISK,
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage } },
      },
    },
  };
}

/** A memory limit and no CPU limit: what is throttled misses scrapes. */
function resources(cpu: string, memory: string, memoryLimit: string) {
  return { requests: { cpu, memory }, limits: { memory: memoryLimit } };
}
