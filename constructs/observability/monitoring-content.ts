import type { AlertRouting } from "../../observability/alerts/routing";
import type { ImageReference } from "../../planning/images";
import type { MailProps } from "./alertmanager-config";

/** What the monitoring VM runs and watches. */
export interface MonitoringContent {
  readonly images: {
    readonly prometheus: ImageReference;
    readonly alertmanager: ImageReference;
    readonly grafana: ImageReference;
    readonly blackboxExporter: ImageReference;
    readonly nodeExporter: ImageReference;
    readonly collector: ImageReference;
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
  /**
   * Public URL that answers 200 while the service is up, asked as clients do.
   * @default none: who has no name is asked by Google's uptime check alone
   */
  readonly probeUrl?: string | undefined;
  /**
   * Prometheus answers other machines too, as far as the network lets them.
   * @default it listens on loopback
   */
  readonly prometheusOpen?: boolean | undefined;
  /** Days for which metrics are kept. */
  readonly retentionDays: number;
  /** Size of the data disk, GB: bounds what Prometheus keeps, so that it never fills the disk. */
  readonly diskGb: number;
  /** Seconds between two signs of life to Cloud Monitoring. */
  readonly pushSeconds: number;
  /** Secret with Grafana's admin password. Read when Grafana makes its database; later, change it in Grafana. */
  readonly grafanaPasswordSecret: string;
  /** Who is told of what. */
  readonly routing: AlertRouting;
  /**
   * Slack's channel; the webhook's URL is the secret's value.
   * @default no Slack
   */
  readonly slack?: { readonly channel: string; readonly webhookSecret: string } | undefined;
  /**
   * Mail server and addresses; the password is the secret's value.
   * @default no e-mail: alerts are seen in Alertmanager, in Grafana and on the other channel
   */
  readonly mail?: (MailProps & { readonly passwordSecret: string }) | undefined;
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
