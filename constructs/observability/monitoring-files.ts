import { dump } from "js-yaml";
import { alertmanagerConfig } from "./alertmanager-config";
import { blackboxConfig } from "./blackbox-config";
import { collectorConfig, heartbeatScrape } from "./collector-config";
import type { MonitoringContent } from "./monitoring-content";
import { LOOPBACK, MONITORING_PORTS } from "./monitoring-ports";
import { prometheusConfig } from "./prometheus-config";

/** In Grafana's container. */
export const DASHBOARDS_FOLDER = "/etc/grafana/dashboards";

const DATASOURCES = {
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
    {
      name: "Alertmanager",
      uid: "alertmanager",
      type: "alertmanager",
      access: "proxy",
      url: `http://${LOOPBACK}:${MONITORING_PORTS.alertmanager}`,
      jsonData: { implementation: "prometheus" },
    },
  ],
};

/** Grafana keeps no change of the browser: the source is in the repository. */
const DASHBOARD_PROVIDER = {
  apiVersion: 1,
  providers: [
    {
      name: "terrace",
      type: "file",
      folder: "Terrace",
      allowUiUpdates: false,
      updateIntervalSeconds: 10,
      options: { path: DASHBOARDS_FOLDER },
    },
  ],
};

function folder(path: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${path}/${name}`, content]));
}

/** By path. */
export function monitoringFiles(content: MonitoringContent): Readonly<Record<string, string>> {
  const { project, scrapeZones: zones, environment, appPort, qdrantHost, probeUrl } = content;
  return {
    "prometheus/prometheus.yml": prometheusConfig({ project, zones, environment, appPort, qdrantHost, probeUrl }),
    "alertmanager/alertmanager.yml": alertmanagerConfig(content.routing, {
      slackChannel: content.slack?.channel,
      mail: content.mail,
    }),
    "blackbox/blackbox.yml": blackboxConfig(),
    "collector/config.yaml": collectorConfig({
      project,
      intervalSeconds: content.pushSeconds,
      scrapes: [heartbeatScrape(`${LOOPBACK}:${MONITORING_PORTS.alertmanager}`)],
      resource: { kind: "machine" },
    }),
    "grafana/provisioning/datasources/datasources.yml": dump(DATASOURCES),
    "grafana/provisioning/dashboards/terrace.yml": dump(DASHBOARD_PROVIDER),
    ...folder("prometheus/rules", content.ruleFiles),
    ...folder("grafana/dashboards", content.dashboards),
  };
}
