import type { MonitoringContent } from "../../constructs/observability/monitoring-content";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
import { ruleFiles } from "../../observability/prometheus/rule-files";

const REGISTRY = "asia-northeast3-docker.pkg.dev/p/docker-hub";

/** A monitoring VM with everything that one can have. */
export const FULL_MONITORING: MonitoringContent = {
  images: {
    prometheus: { repository: `${REGISTRY}/prom/prometheus`, tag: "v3.5.0" },
    alertmanager: { repository: `${REGISTRY}/prom/alertmanager`, tag: "v0.28.1" },
    grafana: { repository: `${REGISTRY}/grafana/grafana`, tag: "12.1.1" },
    blackboxExporter: { repository: `${REGISTRY}/prom/blackbox-exporter`, tag: "v0.27.0" },
    nodeExporter: { repository: `${REGISTRY}/prom/node-exporter`, tag: "v1.9.1" },
    collector: { repository: `${REGISTRY}/otel/opentelemetry-collector-contrib`, tag: "0.139.0" },
  },
  project: "terrace-test",
  scrapeZones: ["asia-northeast3-a", "asia-northeast3-b"],
  environment: "production",
  appPort: 8001,
  qdrantHost: "qdrant.production.terrace.internal",
  probeUrl: "https://llm.example.com/healthz",
  retentionDays: 30,
  diskGb: 50,
  pushSeconds: 60,
  grafanaPasswordSecret: "terrace-production-grafana-admin",
  routing: ALERT_ROUTING,
  slack: { channel: "#llm-alerts", webhookSecret: "terrace-production-slack-webhook" },
  mail: {
    smarthost: "smtp.example.com:587",
    from: "terrace@example.com",
    to: ["llm-alerts@example.com"],
    username: "terrace@example.com",
    passwordSecret: "terrace-production-smtp-login",
  },
  ruleFiles: ruleFiles("https://github.com/acme/terrace/blob/main/docs/runbooks"),
};
