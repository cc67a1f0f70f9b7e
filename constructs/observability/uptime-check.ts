import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { MonitoringUptimeCheckConfig } from "@cdktf/provider-google/lib/monitoring-uptime-check-config";
import { Construct } from "constructs";

/** The shortest. Source: `google_monitoring_uptime_check_config`, `period`. */
const PERIOD = "60s";
/** 1 s to 60 s. `/healthz` computes nothing. */
const TIMEOUT = "10s";
/** A renewal comes 30 days before expiry. Source: R-101. */
const EXPIRY_WARNING_DAYS = 21;

export interface UptimeCheckProps {
  readonly name: string;
  readonly project: string;
  /** Or address. */
  readonly host: string;
  /** Answers 2xx while the service is up. */
  readonly path: string;
  /** On 443, with certificate; otherwise HTTP on 80. */
  readonly https: boolean;
  /** By name. Without any, incidents open without a notification. */
  readonly channels: readonly string[];
  /** The provider's default labels do not reach Cloud Monitoring. */
  readonly labels: Readonly<Record<string, string>>;
  /** With the sections `not-reachable` and `certificate-not-renewed`. */
  readonly runbookUrl: string;
}

/**
 * From Google's checkers round the world, through DNS, TLS, Cloud Armor and URL map. The alert needs failures from more
 * than one place; another warns when the served certificate is not renewed.
 * https://cloud.google.com/monitoring/alerts/uptime-checks
 * @example
 * new UptimeCheck(this, "uptime", {
 *   name: names.of("uptime"), project, host: "llm.example.com", path: PATHS.healthz, https: true, channels, labels,
 *   runbookUrl: "https://github.com/acme/terrace/blob/main/docs/runbooks/edge.md",
 * });
 */
export class UptimeCheck extends Construct {
  readonly resource: MonitoringUptimeCheckConfig;

  constructor(scope: Construct, id: string, props: UptimeCheckProps) {
    super(scope, id);
    const { https } = props;
    this.resource = new MonitoringUptimeCheckConfig(this, "check", {
      displayName: props.name,
      period: PERIOD,
      timeout: TIMEOUT,
      httpCheck: { path: props.path, port: https ? 443 : 80, useSsl: https, validateSsl: https },
      monitoredResource: { type: "uptime_url", labels: { project_id: props.project, host: props.host } },
      userLabels: { ...props.labels },
      // Google refuses to delete a check that a policy names, and another host makes another check.
      lifecycle: { createBeforeDestroy: true },
    });
    this.addDownAlert(props);
    if (https) this.addExpiryAlert(props);
  }

  private addDownAlert(props: UptimeCheckProps): void {
    new MonitoringAlertPolicy(this, "not-reachable", {
      ...notification(props, "CRITICAL"),
      displayName: `${props.name}: not reachable`,
      conditions: [
        {
          displayName: "More than one checker gets no good answer",
          conditionThreshold: {
            filter: this.series("check_passed"),
            comparison: "COMPARISON_GT",
            thresholdValue: 1,
            duration: "60s",
            aggregations: [
              {
                // Google's choice: every checker has reported by then.
                alignmentPeriod: "1200s",
                perSeriesAligner: "ALIGN_NEXT_OLDER",
                crossSeriesReducer: "REDUCE_COUNT_FALSE",
                groupByFields: ["resource.label.project_id", "resource.label.host"],
              },
            ],
            trigger: { count: 1 },
          },
        },
      ],
      documentation: runbook(
        props,
        "not-reachable",
        `${props.path} does not answer from outside. Are the groups of the backend services healthy? If not, the machines are the cause; if so, DNS, the certificate or a Cloud Armor rule.`,
      ),
    });
  }

  private addExpiryAlert(props: UptimeCheckProps): void {
    new MonitoringAlertPolicy(this, "certificate-not-renewed", {
      ...notification(props, "WARNING"),
      displayName: `${props.name}: certificate not renewed`,
      conditions: [
        {
          displayName: `The certificate served expires in less than ${EXPIRY_WARNING_DAYS} days`,
          conditionThreshold: {
            filter: this.series("time_until_ssl_cert_expires"),
            comparison: "COMPARISON_LT",
            thresholdValue: EXPIRY_WARNING_DAYS,
            duration: "600s",
            aggregations: [
              {
                alignmentPeriod: "1200s",
                perSeriesAligner: "ALIGN_NEXT_OLDER",
                crossSeriesReducer: "REDUCE_MEAN",
                groupByFields: ["resource.label.project_id", "resource.label.host"],
              },
            ],
            trigger: { count: 1 },
          },
        },
      ],
      documentation: runbook(
        props,
        "certificate-not-renewed",
        "Google renews by the CNAME record of the DNS authorization. Does it resolve from outside, is the domain still delegated to its zone, does a CAA record forbid pki.goog?",
      ),
    });
  }

  private series(metric: string): string {
    return [
      'resource.type = "uptime_url"',
      `metric.type = "monitoring.googleapis.com/uptime_check/${metric}"`,
      `metric.label.check_id = "${this.resource.uptimeCheckId}"`,
    ].join(" AND ");
  }
}

function notification({ channels, labels }: UptimeCheckProps, severity: "CRITICAL" | "WARNING") {
  return { combiner: "OR", severity, notificationChannels: [...channels], userLabels: { ...labels } };
}

function runbook({ runbookUrl }: UptimeCheckProps, section: string, content: string) {
  return { content, mimeType: "text/markdown", links: [{ displayName: "Runbook", url: `${runbookUrl}#${section}` }] };
}
