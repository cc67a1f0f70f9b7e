import { type SecretFile, statefulUserData } from "../compute/boot/stateful-user-data";
import { CONFIG_DIRECTORY, CONFIG_READERS, monitoringContainers, UID } from "./monitoring-containers";
import type { MonitoringContent } from "./monitoring-content";
import { MONITORING_PORTS } from "./monitoring-ports";

function secretFiles({ grafanaPasswordSecret, slack, mail }: MonitoringContent): SecretFile[] {
  const uid = UID.alertmanager;
  return [
    { file: "grafana-admin", uid: UID.grafana, secret: grafanaPasswordSecret },
    ...(slack === undefined ? [] : [{ file: "slack-webhook", uid, secret: slack.webhookSecret }]),
    ...(mail?.username === undefined ? [] : [{ file: "smtp-login", uid, secret: mail.passwordSecret }]),
  ];
}

/** Without rules, routes and dashboards, which change without a boot. @throws RangeError beyond a metadata value. */
export function monitoringUserData(content: MonitoringContent): string {
  return statefulUserData({
    description: "Monitoring",
    containers: monitoringContainers(content),
    directories: [
      { name: "prometheus", uid: UID.prometheus },
      { name: "alertmanager", uid: UID.alertmanager },
      { name: "grafana", uid: UID.grafana },
    ],
    // For IAP: COS' sshd forwards no ports, so loopback would be out of reach.
    openPorts: [MONITORING_PORTS.grafana, ...(content.prometheusOpen ? [MONITORING_PORTS.prometheus] : [])],
    configuration: { directory: CONFIG_DIRECTORY, readers: CONFIG_READERS },
    secrets: { project: content.project, files: secretFiles(content) },
  });
}
