import type { ContainerProps } from "../compute/boot/container-unit";
import { dataVolume, SECRETS_UNIT, secretVolume } from "../compute/boot/stateful-user-data";
import { SLACK_WEBHOOK_FILE, SMTP_PASSWORD_FILE } from "./alertmanager-config";
import type { MonitoringContent } from "./monitoring-content";
import { DASHBOARDS_FOLDER } from "./monitoring-files";
import { LOOPBACK, MONITORING_PORTS } from "./monitoring-ports";

/** The images' own. */
export const UID = { alertmanager: 65534, collector: 10001, exporter: 65534, grafana: 472, prometheus: 65534 } as const;

export const CONFIG_DIRECTORY = "/etc/terrace/config";

const GRAFANA_PASSWORD_FILE = "/run/secrets/grafana-admin";

/** The rest is Grafana's, and room for compaction. */
const PROMETHEUS_DISK_SHARE = 0.8;

function user(uid: number): string {
  return `${uid}:${uid}`;
}

/** A folder: a replaced file would stay the old one in the container. */
function configVolume(folder: string, target: string): string {
  return `--volume=${CONFIG_DIRECTORY}/${folder}:${target}:ro`;
}

function prometheus({ images, retentionDays, diskGb, prometheusOpen = false }: MonitoringContent): ContainerProps {
  return {
    name: "prometheus",
    description: "Prometheus",
    image: images.prometheus,
    args: [
      "--config.file=/etc/prometheus/prometheus.yml",
      "--storage.tsdb.path=/prometheus",
      `--storage.tsdb.retention.time=${retentionDays}d`,
      `--storage.tsdb.retention.size=${Math.floor(diskGb * PROMETHEUS_DISK_SHARE)}GB`,
      `--web.listen-address=${prometheusOpen ? "0.0.0.0" : LOOPBACK}:${MONITORING_PORTS.prometheus}`,
    ],
    env: {},
    stopTimeoutSeconds: 60,
    user: user(UID.prometheus),
    options: [configVolume("prometheus", "/etc/prometheus"), dataVolume("prometheus", "/prometheus")],
  };
}

function alertmanager({ images, slack, mail }: MonitoringContent): ContainerProps {
  const secrets = [
    ...(slack === undefined ? [] : [secretVolume("slack-webhook", SLACK_WEBHOOK_FILE)]),
    ...(mail?.username === undefined ? [] : [secretVolume("smtp-login", SMTP_PASSWORD_FILE)]),
  ];
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
    user: user(UID.alertmanager),
    requires: secrets.length === 0 ? [] : [SECRETS_UNIT],
    options: [
      configVolume("alertmanager", "/etc/alertmanager"),
      dataVolume("alertmanager", "/alertmanager"),
      ...secrets,
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
    user: user(UID.grafana),
    requires: [SECRETS_UNIT],
    options: [
      configVolume("grafana/provisioning", "/etc/grafana/provisioning"),
      configVolume("grafana/dashboards", DASHBOARDS_FOLDER),
      dataVolume("grafana", "/var/lib/grafana"),
      secretVolume("grafana-admin", GRAFANA_PASSWORD_FILE),
    ],
  };
}

function blackboxExporter({ images }: MonitoringContent): ContainerProps {
  return {
    name: "blackbox-exporter",
    description: "Probe of the public name",
    image: images.blackboxExporter,
    args: [
      "--config.file=/etc/blackbox/blackbox.yml",
      `--web.listen-address=${LOOPBACK}:${MONITORING_PORTS.blackboxExporter}`,
    ],
    env: {},
    stopTimeoutSeconds: 5,
    user: user(UID.exporter),
    options: [configVolume("blackbox", "/etc/blackbox")],
  };
}

/** A full disk here would silence everything. */
function nodeExporter({ images }: MonitoringContent): ContainerProps {
  return {
    name: "node-exporter",
    description: "Machine metrics",
    image: images.nodeExporter,
    args: [`--web.listen-address=${LOOPBACK}:${MONITORING_PORTS.nodeExporter}`, "--path.rootfs=/host"],
    env: {},
    stopTimeoutSeconds: 5,
    user: user(UID.exporter),
    options: ["--pid=host", "--volume=/:/host:ro,rslave"],
  };
}

function collector({ images }: MonitoringContent): ContainerProps {
  return {
    name: "collector",
    description: "Sign of life to Cloud Monitoring",
    image: images.collector,
    args: ["--config=/etc/collector/config.yaml"],
    env: {},
    stopTimeoutSeconds: 10,
    user: user(UID.collector),
    options: [configVolume("collector", "/etc/collector")],
  };
}

/** By SIGHUP; Grafana polls its files. */
export const CONFIG_READERS = ["prometheus", "alertmanager", "blackbox-exporter", "collector"];

export function monitoringContainers(content: MonitoringContent): readonly ContainerProps[] {
  return [
    prometheus(content),
    alertmanager(content),
    grafana(content),
    nodeExporter(content),
    collector(content),
    ...(content.probeUrl === undefined ? [] : [blackboxExporter(content)]),
  ];
}
