import type { Environment } from "./environment";

const HTTPS_PORT = 443;

/**
 * TCP ports on the internet that monitoring calls: a chat's webhook and the service's own public name by HTTPS, and the
 * mail server. The firewall opens no others.
 */
export function alertPorts({ settings: { alerts, domain } }: Environment): readonly number[] {
  const ports = [
    ...(alerts.slackChannel === undefined && domain === null ? [] : [HTTPS_PORT]),
    ...(alerts.smtp === undefined ? [] : [Number(alerts.smtp.smarthost.split(":").at(-1))]),
  ];
  return [...new Set(ports)];
}
