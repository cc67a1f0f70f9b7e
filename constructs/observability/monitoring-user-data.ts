import { dump } from "js-yaml";
import type { ImageReference } from "../../planning/serving-unit";
import type { BootFile } from "../compute/boot/cloud-config";
import type { ContainerProps } from "../compute/boot/container-unit";
import {
  dataVolume,
  SECRETS_UNIT,
  type SecretFile,
  secretVolume,
  statefulUserData,
} from "../compute/boot/stateful-user-data";
import { alertmanagerConfig, SLACK_WEBHOOK_FILE } from "./alertmanager-config";
import { LOOPBACK, MONITORING_PORTS, prometheusConfig } from "./prometheus-config";

/** What the monitoring VM runs and watches. */
export interface MonitoringContent {
  readonly images: {
    readonly prometheus: ImageReference;
    readonly alertmanager: ImageReference;
    readonly grafana: ImageReference;
  };
  /** Project id in which to look for VMs and secrets. */
  readonly project: string;
  /** Zones in which to look for GPU VMs. */
  readonly scrapeZones: readonly string[];
  /** Environment name; VMs of others are not scraped. */
  readonly environment: string;
  /** Port of the gateway. */
  readonly appPort: number;
  /**
   * Private host name of the Qdrant VM, to be scraped.
   * @default there is none
   */
  readonly qdrantHost?: string | undefined;
  /** Days for which metrics are kept. */
  readonly retentionDays: number;
  /** Size of the data disk, GB: bounds what Prometheus keeps, so that it never fills the disk. */
  readonly diskGb: number;
  /** Secret with Grafana's admin password. Read when Grafana makes its database; later, change it in Grafana. */
  readonly grafanaPasswordSecret: string;
  /**
   * Where alerts go, the webhook's URL being the secret's value.
   * @default nowhere: alerts are seen in Alertmanager and Grafana only
   */
  readonly slack?: { readonly channel: string; readonly webhookSecret: string };
  /**
   * Prometheus rule files, by file name ending in `.yaml`.
   * @default none
   */
  readonly ruleFiles?: Readonly<Record<string, string>>;
  /**
   * Grafana dashboards as JSON, by file name ending in `.json`.
   * @default none
   */
  readonly dashboards?: Readonly<Record<string, string>>;
}

/** Users of the images: Prometheus and Alertmanager run as nobody, Grafana as its own. */
const UID = { alertmanager: 65534, grafana: 472, prometheus: 65534 } as const;

/** Share of the data disk that Prometheus may fill; the rest is Grafana's, and room for compaction. */
const PROMETHEUS_DISK_SHARE = 0.8;

const CONFIG = "/etc/terrace";
const GRAFANA_PASSWORD_FILE = "/run/secrets/grafana-admin";

function prometheus({ images, retentionDays, diskGb }: MonitoringContent): ContainerProps {
  return {
    name: "prometheus",
    description: "Prometheus",
    image: images.prometheus,
    args: [
      "--config.file=/etc/prometheus/prometheus.yml",
      "--storage.tsdb.path=/prometheus",
      `--storage.tsdb.retention.time=${retentionDays}d`,
      `--storage.tsdb.retention.size=${Math.floor(diskGb * PROMETHEUS_DISK_SHARE)}GB`,
      `--web.listen-address=${LOOPBACK}:${MONITORING_PORTS.prometheus}`,
    ],
    env: {},
    stopTimeoutSeconds: 60,
    user: `${UID.prometheus}:${UID.prometheus}`,
    options: [`--volume=${CONFIG}/prometheus:/etc/prometheus:ro`, dataVolume("prometheus", "/prometheus")],
  };
}

function alertmanager({ images, slack }: MonitoringContent): ContainerProps {
  const secret = slack === undefined ? [] : [secretVolume("slack-webhook", SLACK_WEBHOOK_FILE)];
  return {
    name: "alertmanager",
    description: "Alertmanager",
    image: images.alertmanager,
    args: [
      "--config.file=/etc/alertmanager/alertmanager.yml",
      "--storage.path=/alertmanager",
      `--web.listen-address=${LOOPBACK}:${MONITORING_PORTS.alertmanager}`,
      // Alone: nothing to gossip with.
      "--cluster.listen-address=",
    ],
    env: {},
    stopTimeoutSeconds: 10,
    user: `${UID.alertmanager}:${UID.alertmanager}`,
    requires: slack === undefined ? [] : [SECRETS_UNIT],
    options: [
      `--volume=${CONFIG}/alertmanager:/etc/alertmanager:ro`,
      dataVolume("alertmanager", "/alertmanager"),
      ...secret,
    ],
  };
}

function grafana({ images }: MonitoringContent): ContainerProps {
  return {
    name: "grafana",
    description: "Grafana",
    image: images.grafana,
    args: [],
    env: {
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
      GF_ANALYTICS_REPORTING_ENABLED: "false",
      GF_AUTH_ANONYMOUS_ENABLED: "false",
      GF_PLUGINS_PREINSTALL_DISABLED: "true",
      GF_SECURITY_ADMIN_PASSWORD__FILE: GRAFANA_PASSWORD_FILE,
      GF_SERVER_HTTP_PORT: String(MONITORING_PORTS.grafana),
      GF_USERS_ALLOW_SIGN_UP: "false",
    },
    stopTimeoutSeconds: 10,
    user: `${UID.grafana}:${UID.grafana}`,
    requires: [SECRETS_UNIT],
    options: [
      `--volume=${CONFIG}/grafana/provisioning:/etc/grafana/provisioning:ro`,
      `--volume=${CONFIG}/grafana/dashboards:/etc/grafana/dashboards:ro`,
      dataVolume("grafana", "/var/lib/grafana"),
      secretVolume("grafana-admin", GRAFANA_PASSWORD_FILE),
    ],
  };
}

const GRAFANA_DATASOURCE = {
  apiVersion: 1,
  datasources: [
    {
      name: "Prometheus",
      uid: "prometheus",
      type: "prometheus",
      access: "proxy",
      url: `http://${LOOPBACK}:${MONITORING_PORTS.prometheus}`,
      isDefault: true,
    },
  ],
};

const GRAFANA_DASHBOARDS = {
  apiVersion: 1,
  providers: [{ name: "terrace", type: "file", options: { path: "/etc/grafana/dashboards" } }],
};

function folder(path: string, files: Readonly<Record<string, string>> = {}): BootFile[] {
  return Object.entries(files).map(([name, content]) => ({ path: `${path}/${name}`, content }));
}

function configFiles(content: MonitoringContent): BootFile[] {
  const { project, scrapeZones: zones, environment, appPort, qdrantHost } = content;
  return [
    {
      path: `${CONFIG}/prometheus/prometheus.yml`,
      content: prometheusConfig({ project, zones, environment, appPort, qdrantHost }),
    },
    { path: `${CONFIG}/alertmanager/alertmanager.yml`, content: alertmanagerConfig(content.slack?.channel) },
    { path: `${CONFIG}/grafana/provisioning/datasources/prometheus.yml`, content: dump(GRAFANA_DATASOURCE) },
    { path: `${CONFIG}/grafana/provisioning/dashboards/terrace.yml`, content: dump(GRAFANA_DASHBOARDS) },
    ...folder(`${CONFIG}/prometheus/rules`, content.ruleFiles),
    ...folder(`${CONFIG}/grafana/dashboards`, content.dashboards),
  ];
}

/**
 * Boot content of the monitoring VM.
 * @throws RangeError where rules and dashboards are more than a metadata value holds.
 */
export function monitoringUserData(content: MonitoringContent): string {
  const { slack } = content;
  const files: SecretFile[] = [
    { file: "grafana-admin", uid: UID.grafana, secret: content.grafanaPasswordSecret },
    ...(slack === undefined ? [] : [{ file: "slack-webhook", uid: UID.alertmanager, secret: slack.webhookSecret }]),
  ];
  return statefulUserData({
    description: "Monitoring",
    containers: [prometheus(content), alertmanager(content), grafana(content)],
    directories: [
      { name: "prometheus", uid: UID.prometheus },
      { name: "alertmanager", uid: UID.alertmanager },
      { name: "grafana", uid: UID.grafana },
    ],
    // For IAP, which the firewall alone admits: sshd of COS forwards no ports, so loopback would be out of reach.
    openPorts: [MONITORING_PORTS.grafana],
    secrets: { project: content.project, files },
    files: configFiles(content),
  });
}
