import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { Construct } from "constructs";

/** A number of Cloud Monitoring that must not be above or below another for too long. */
export interface CloudCondition {
  readonly name: string;
  /** Which series: a Monitoring filter. https://cloud.google.com/monitoring/api/v3/filters */
  readonly filter: string;
  /** Divides the series by these. @default they are compared as they are */
  readonly outOf?: string;
  /** Seconds that become one point of each series, and how. */
  readonly alignSeconds: number;
  readonly align: "ALIGN_DELTA" | "ALIGN_MAX" | "ALIGN_MEAN" | "ALIGN_RATE";
  /** How the series become one. */
  readonly reduce: "REDUCE_COUNT" | "REDUCE_MAX" | "REDUCE_SUM";
  readonly comparison: "COMPARISON_GT" | "COMPARISON_LT";
  readonly threshold: number;
  /** Seconds for which it must hold. */
  readonly forSeconds: number;
  /** Whether no data is as bad as a bad number. */
  readonly silenceIsBad: boolean;
}

export interface CloudAlertProps {
  readonly name: string;
  readonly severity: "CRITICAL" | "WARNING";
  /** Any of them raises the alert. */
  readonly conditions: readonly [CloudCondition, ...CloudCondition[]];
  /** What it means, for whoever reads the message. */
  readonly meaning: string;
  /** Page, with its section, that says what to do. */
  readonly runbookUrl: string;
  /** Notification channels, by name. With none an incident opens that nobody is sent. */
  readonly channels: readonly string[];
  /** Labels; the provider's default labels do not reach Cloud Monitoring. */
  readonly labels: Readonly<Record<string, string>>;
}

function threshold(condition: CloudCondition) {
  const aggregation = {
    alignmentPeriod: `${condition.alignSeconds}s`,
    perSeriesAligner: condition.align,
    crossSeriesReducer: condition.reduce,
  };
  return {
    displayName: condition.name,
    conditionThreshold: {
      filter: condition.filter,
      aggregations: [aggregation],
      ...(condition.outOf === undefined
        ? {}
        : { denominatorFilter: condition.outOf, denominatorAggregations: [aggregation] }),
      comparison: condition.comparison,
      thresholdValue: condition.threshold,
      duration: `${condition.forSeconds}s`,
      // Google takes this for conditions alone that last.
      evaluationMissingData: condition.silenceIsBad
        ? "EVALUATION_MISSING_DATA_ACTIVE"
        : "EVALUATION_MISSING_DATA_INACTIVE",
      trigger: { count: 1 },
    },
  };
}

/**
 * An alert policy of Cloud Monitoring: for what must be told when Prometheus cannot tell it.
 *
 * Each is coarser and slower than Prometheus' own alert, so that the two do not ring together. A metric that nobody has
 * described yet is refused ("Cannot find metric that matches type"): what is ours is described in an earlier stack.
 *
 * @example
 * new CloudAlert(this, "postgres-down", {
 *   name: "terrace-production: PostgreSQL is down", severity: "CRITICAL", conditions: [databaseDown("acme:terrace")], channels, labels,
 *   meaning: "…", runbookUrl: "https://github.com/acme/terrace/blob/main/docs/runbooks/cloud-monitoring.md#postgresql",
 * });
 */
export class CloudAlert extends Construct {
  readonly resource: MonitoringAlertPolicy;

  constructor(scope: Construct, id: string, props: CloudAlertProps) {
    super(scope, id);
    this.resource = new MonitoringAlertPolicy(this, "policy", {
      displayName: props.name,
      combiner: "OR",
      severity: props.severity,
      conditions: props.conditions.map(threshold),
      notificationChannels: [...props.channels],
      documentation: {
        content: props.meaning,
        mimeType: "text/markdown",
        links: [{ displayName: "Runbook", url: props.runbookUrl }],
      },
      userLabels: { ...props.labels },
    });
  }
}
