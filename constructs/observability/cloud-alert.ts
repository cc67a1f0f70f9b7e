import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { Construct } from "constructs";

export interface CloudCondition {
  readonly name: string;
  /** https://cloud.google.com/monitoring/api/v3/filters */
  readonly filter: string;
  /** Divisor. @default the series are compared as they are */
  readonly outOf?: string;
  readonly alignSeconds: number;
  readonly align: "ALIGN_DELTA" | "ALIGN_MAX" | "ALIGN_MEAN" | "ALIGN_RATE";
  readonly reduce: "REDUCE_COUNT" | "REDUCE_MAX" | "REDUCE_SUM";
  readonly comparison: "COMPARISON_GT" | "COMPARISON_LT";
  readonly threshold: number;
  readonly forSeconds: number;
  /** Whether no data is as bad as a bad number. */
  readonly silenceIsBad: boolean;
}

export interface CloudAlertProps {
  readonly name: string;
  readonly severity: "CRITICAL" | "WARNING";
  /** Any of them raises the alert. */
  readonly conditions: readonly [CloudCondition, ...CloudCondition[]];
  readonly meaning: string;
  /** With its section. */
  readonly runbookUrl: string;
  /** By name. Without any, incidents open without a notification. */
  readonly channels: readonly string[];
  /** The provider's default labels do not reach Cloud Monitoring. */
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
      // Google takes this only for conditions that last.
      evaluationMissingData: condition.silenceIsBad
        ? "EVALUATION_MISSING_DATA_ACTIVE"
        : "EVALUATION_MISSING_DATA_INACTIVE",
      trigger: { count: 1 },
    },
  };
}

/**
 * For what Prometheus cannot report, coarser and slower than its own alerts. A metric without a descriptor is
 * refused ("Cannot find metric that matches type"); an earlier stack describes ours.
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
    this.resource = new MonitoringAlertPolicy(this, "alert-policy", {
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
