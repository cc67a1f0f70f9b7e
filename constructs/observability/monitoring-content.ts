import type { AlertRouting } from "../../observability/alerts/routing";
import type { ImageReference } from "../../planning/images";
import type { MailProps } from "./alertmanager-config";

export interface MonitoringContent {
  readonly images: {
    readonly prometheus: ImageReference;
    readonly alertmanager: ImageReference;
    readonly grafana: ImageReference;
    readonly blackboxExporter: ImageReference;
    readonly nodeExporter: ImageReference;
    readonly collector: ImageReference;
  };
  readonly project: string;
  readonly scrapeZones: readonly string[];
  /** VMs of others are not scraped. */
  readonly environment: string;
  readonly appPort: number;
  /** Private host of the vector store. @default none */
  readonly qdrantHost?: string | undefined;
  /** Answers 200 while the service is up. @default none, and Google's uptime check is alone */
  readonly probeUrl?: string | undefined;
  /** Prometheus listens beyond loopback. @default false */
  readonly prometheusOpen?: boolean | undefined;
  readonly retentionDays: number;
  /** Bounds what Prometheus keeps. */
  readonly diskGb: number;
  /** Of the heartbeat. */
  readonly pushSeconds: number;
  /** Read when Grafana makes its database; later, change it in Grafana. */
  readonly grafanaPasswordSecret: string;
  readonly routing: AlertRouting;
  /** The webhook's URL is the secret's value. @default no Slack */
  readonly slack?: { readonly channel: string; readonly webhookSecret: string } | undefined;
  /** The password is the secret's value. @default no e-mail */
  readonly mail?: (MailProps & { readonly passwordSecret: string }) | undefined;
  /** By file name ending in `.yaml`. @default none */
  readonly ruleFiles?: Readonly<Record<string, string>>;
  /** JSON, by file name ending in `.json`. @default none */
  readonly dashboards?: Readonly<Record<string, string>>;
}
