import { PORTS } from "../../app/src/contract/endpoints";
import { EXPORTERS_NAMESPACE, PRIORITY_CLASSES } from "../../planning/kubernetes-names";
import { ALERTMANAGER_DISK_GIB } from "../../planning/platform-disks";
import type { MirrorRegistries } from "./registries";

/** Prefix of everything that kube-prometheus-stack makes. */
export const MONITORING_RELEASE = "monitoring";
export const PROMETHEUS_SERVICE = { name: `${MONITORING_RELEASE}-prometheus`, port: 9090 } as const;
/** Made by hand, so that no password passes through Terraform. */
const GRAFANA_SECRET = { name: "grafana-admin", userKey: "admin-user", passwordKey: "admin-password" } as const;

/** https://cloud.google.com/kubernetes-engine/docs/how-to/dcgm-metrics */
const GKE_MANAGED_NAMESPACE = "gke-managed-system";
/** https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes */
const BALANCED_DISK = "standard-rwo";
/** The rest is room for compaction. */
const PROMETHEUS_DISK_SHARE = 0.8;
/** Rates over a minute need at least four. */
const SCRAPE_INTERVAL = "15s";

export interface MonitoringValuesProps {
  readonly registries: MirrorRegistries;
  readonly environment: string;
  readonly retentionDays: number;
  /** Bounds what is kept, too. */
  readonly diskGib: number;
  /** `managed`: GKE's exporter is scraped. `chart`: it brings its own monitor. */
  readonly dcgm: "managed" | "chart";
}

/** Hidden or absent on GKE: a monitor of any of these would be a target that is always down. */
const HIDDEN_BY_GKE = {
  kubeApiServer: { enabled: false },
  kubeControllerManager: { enabled: false },
  kubeEtcd: { enabled: false },
  kubeProxy: { enabled: false },
  kubeScheduler: { enabled: false },
  coreDns: { enabled: false },
  kubeDns: { enabled: false },
};

const EVERY_MONITOR = {
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  ruleSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
  serviceMonitorSelectorNilUsesHelmValues: false,
};

/** Found by its port: labels of Google's pods may change. `honorLabels`: its own name the pod that uses the GPU. */
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

/** Pod Security `restricted` but for node-exporter; reached from inside only (`kubectl port-forward`). */
export function monitoringValues(props: MonitoringValuesProps): object {
  const { registries, environment } = props;
  return {
    fullnameOverride: MONITORING_RELEASE,
    ...HIDDEN_BY_GKE,
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
        // For alerts of any namespace.
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
    // Dashboards are ConfigMaps with the label `grafana_dashboard`.
    persistence: { enabled: false },
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

/** No CPU limit: a throttled process misses scrapes. */
function resources(cpu: string, memory: string, memoryLimit: string) {
  return { requests: { cpu, memory }, limits: { memory: memoryLimit } };
}
