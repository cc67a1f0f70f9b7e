import { Construct } from "constructs";
import { CloudAlert, type CloudAlertProps } from "./cloud-alert";
import {
  containersMissing,
  databaseDiskFull,
  databaseDown,
  errorLines,
  jobFailed,
  machinesMissing,
  serverErrors,
  watcherSilent,
} from "./cloud-conditions";

export interface CloudAlertsProps {
  /** Prefix. */
  readonly name: string;
  readonly environment: string;
  readonly urlMap: string;
  readonly errorMetric: string;
  /** Role → machines of it that must run; 0 checks none. */
  readonly machines: Readonly<Record<string, number>>;
  /** Sends the heartbeat. */
  readonly monitoringMachine: boolean;
  /** @default no cluster */
  readonly cluster?: { readonly name: string; readonly namespace: string } | undefined;
  /** Of Cloud Run. @default none */
  readonly jobs?: readonly string[] | undefined;
  /** `<project>:<instance>`. @default no database */
  readonly databaseId?: string | undefined;
  readonly channels: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Has a section for each alert. */
  readonly runbookUrl: string;
}

type Alert = Pick<CloudAlertProps, "severity" | "conditions" | "meaning"> & {
  /** Also the section of the runbook. */
  readonly id: string;
  readonly title: string;
};

const WATCHER_MEANING =
  "Prometheus, Alertmanager or what they run on is away. Nobody is told of anything else until it is back.";

function ofTheService({ urlMap, errorMetric, cluster }: CloudAlertsProps): Alert[] {
  return [
    {
      id: "server-errors",
      title: "many answers are errors",
      severity: "CRITICAL",
      conditions: [serverErrors(urlMap)],
      meaning: "The load balancer answers with 5xx: backends refuse, break off or are gone.",
    },
    {
      id: "errors-in-logs",
      title: "many errors in logs",
      severity: "WARNING",
      conditions: [
        errorLines(errorMetric, "gce_instance"),
        ...(cluster === undefined ? [] : [errorLines(errorMetric, "k8s_container")]),
      ],
      meaning: "Gateways or engines log errors. Cloud Logging has them: `severity` is not set, look at the message.",
    },
  ];
}

function ofJobs({ jobs = [] }: CloudAlertsProps): Alert[] {
  if (jobs.length === 0) return [];
  return [
    {
      id: "job-failed",
      title: "a job that runs by the clock failed",
      severity: "WARNING",
      conditions: [jobFailed(jobs)],
      meaning: "A backup, the rehearsal of its restore, or the idle watchdog ended with an error.",
    },
  ];
}

function ofMachines({ environment, machines, monitoringMachine }: CloudAlertsProps): Alert[] {
  const expected = Object.entries(machines).filter(([, count]) => count > 0);
  const [first, ...rest] = expected.map(([role, count]) => machinesMissing(environment, role, count));
  const watcher: Alert = {
    id: "monitoring-silent",
    title: "the monitoring machine is silent",
    severity: "CRITICAL",
    conditions: [watcherSilent({ kind: "machine", environment })],
    meaning: WATCHER_MEANING,
  };
  return [
    ...(first === undefined
      ? []
      : [
          {
            id: "machines-missing",
            title: "machines are missing",
            severity: "WARNING",
            conditions: [first, ...rest],
            meaning: "A machine is stopped, was reclaimed, or could not start. The others carry its share.",
          } satisfies Alert,
        ]),
    ...(monitoringMachine ? [watcher] : []),
  ];
}

function ofTheCluster({ cluster }: CloudAlertsProps): Alert[] {
  if (cluster === undefined) return [];
  return [
    {
      id: "cluster-gateways-missing",
      title: "no gateway runs in the cluster",
      severity: "CRITICAL",
      conditions: [containersMissing(cluster.name, cluster.namespace, "gateway")],
      meaning: "The cluster, its nodes or the release is down. Traffic can be moved back to the VMs.",
    },
    {
      id: "cluster-monitoring-silent",
      title: "the cluster's monitoring is silent",
      severity: "CRITICAL",
      conditions: [watcherSilent({ kind: "cluster", name: cluster.name })],
      meaning: WATCHER_MEANING,
    },
  ];
}

function ofTheDatabase({ databaseId }: CloudAlertsProps): Alert[] {
  if (databaseId === undefined) return [];
  return [
    {
      id: "postgresql",
      title: "PostgreSQL is down or its disk is full",
      severity: "CRITICAL",
      conditions: [databaseDown(databaseId), databaseDiskFull(databaseId)],
      meaning: "Reviews are neither stored nor read; generation goes on where it needs no store.",
    },
  ];
}

/**
 * Alerts for when Prometheus cannot send any: errors at the load balancer and in logs, lost machines, containers and
 * database, and the silence of the monitoring. {@link UptimeCheck} covers address and certificate.
 * @example
 * new CloudAlerts(this, "alerts", {
 *   name: names.prefix, environment: "production", urlMap: names.of("routes"), errorMetric: names.of("errors"),
 *   machines: { llm: 2, monitoring: 1 }, monitoringMachine: true, channels, labels,
 *   runbookUrl: "https://github.com/acme/terrace/blob/main/docs/runbooks/cloud-monitoring.md",
 * });
 */
export class CloudAlerts extends Construct {
  constructor(scope: Construct, id: string, props: CloudAlertsProps) {
    super(scope, id);
    const alerts = [
      ...ofTheService(props),
      ...ofMachines(props),
      ...ofJobs(props),
      ...ofTheCluster(props),
      ...ofTheDatabase(props),
    ];
    for (const { id: alert, title, ...content } of alerts) {
      new CloudAlert(this, alert, {
        ...content,
        name: `${props.name}: ${title}`,
        runbookUrl: `${props.runbookUrl}#${alert}`,
        channels: props.channels,
        labels: props.labels,
      });
    }
  }
}
