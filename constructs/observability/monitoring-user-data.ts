import type { ImageReference } from "../../planning/serving-unit";

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
  /** Days for which metrics are kept. */
  readonly retentionDays: number;
  /** Size of the data disk, GB: bounds what Prometheus keeps, so that it never fills the disk. */
  readonly diskGb: number;
  /** Secret with Grafana's admin password. */
  readonly grafanaPasswordSecret: string;
  /**
   * Where alerts go, the webhook's URL being the secret's value.
   * @default nowhere: alerts are seen in Alertmanager and Grafana only
   */
  readonly slack?: { readonly channel: string; readonly webhookSecret: string };
  /**
   * Prometheus rule files, by file name.
   * @default none
   */
  readonly ruleFiles?: Readonly<Record<string, string>>;
  /**
   * Grafana dashboards as JSON, by file name.
   * @default none
   */
  readonly dashboards?: Readonly<Record<string, string>>;
}

export function monitoringUserData(content: MonitoringContent): string {
  return `#cloud-config\n# ${content.project}\n`;
}
