import { CLUSTER_METRICS } from "../metrics/cluster-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { NODE_METRICS } from "../metrics/node-metrics";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { aggregate, changes, increase, max, now, rate, sum } from "../promql/functions";
import { divide, operate, or } from "../promql/operators";
import { BY_TARGET, GATEWAY_JOB, select } from "../promql/select";
import type { Dashboard, Row } from "./dashboard";
import { FIRING_ALERTS } from "./firing-alerts";
import { withTarget } from "./scope";

const { lastBackup, preempted } = GATEWAY_METRICS;
const { filesystemAvailable, filesystemSize, memoryAvailable, memoryTotal, cpuSeconds, modelReady } = NODE_METRICS;
const { certificateExpiry, eventLoopLagP99, notificationsFailed, probeSuccess, processStart, up } = PLATFORM_METRICS;
const { containerRestarts, podPhase } = CLUSTER_METRICS;

const DAY_SECONDS = 86_400;
/** Ages at which alerts fire. Source: R-101. */
const BACKUP_LIMIT_SECONDS = 26 * 3_600;
const CERTIFICATE_LIMIT_SECONDS = 21 * DAY_SECONDS;

/** What is a disk: overlays and memory are not. */
const DISKS = { fstype: { notRegex: "tmpfs|overlay|squashfs|iso9660|ramfs" } };
const BACKUP_AGE = operate(now(), "-", max(select(lastBackup), ["kind"]));
const CERTIFICATE_LEFT = operate(aggregate("min", select(certificateExpiry)), "-", now());
const TARGETS = aggregate("count", select(up));

const NOW: Row = {
  title: "Now",
  panels: [
    {
      kind: "stat",
      title: "Targets down",
      description: "What Prometheus cannot scrape.",
      unit: "count",
      queries: [
        {
          expression: or(aggregate("count", operate(select(up), "==", 0)), operate(TARGETS, "*", 0)),
          legend: "down",
        },
      ],
      thresholds: [{ from: 1, colour: "red" }],
      alert: "TargetDown",
      width: 4,
    },
    {
      kind: "stat",
      title: "Public address",
      description: "The whole way of a user: name, certificate, load balancer, gateway.",
      unit: "state",
      queries: [{ expression: aggregate("min", select(probeSuccess)), legend: "site" }],
      base: "red",
      thresholds: [{ from: 1, colour: "green" }],
      alert: "SiteDown",
      width: 4,
    },
    {
      kind: "stat",
      title: "Oldest backup",
      description: "Since the last verified backup, of the kind that waits longest.",
      unit: "duration",
      queries: [{ expression: max(BACKUP_AGE), legend: "backup" }],
      thresholds: [{ from: BACKUP_LIMIT_SECONDS, colour: "red" }],
      alert: "BackupStale",
      width: 4,
    },
    {
      kind: "stat",
      title: "Certificate",
      description: "Until the first certificate that clients see expires. Google renews 30 days before.",
      unit: "duration",
      queries: [{ expression: CERTIFICATE_LEFT, legend: "left" }],
      base: "red",
      thresholds: [{ from: CERTIFICATE_LIMIT_SECONDS, colour: "green" }],
      alert: "CertificateExpiring",
      width: 4,
    },
    {
      kind: "stat",
      title: "Restarts in an hour",
      description: "Of gateways: a process that began anew.",
      unit: "count",
      queries: [{ expression: sum(changes(select(processStart, { job: GATEWAY_JOB }), "1h")), legend: "restarts" }],
      thresholds: [{ from: 1, colour: "orange" }],
      width: 4,
    },
    {
      kind: "stat",
      title: "Messages not sent",
      description: "Notifications that failed within an hour, by Alertmanager's count.",
      unit: "count",
      decimals: 0,
      queries: [{ expression: sum(increase(select(notificationsFailed), "1h")), legend: "failed" }],
      thresholds: [{ from: 1, colour: "red" }],
      alert: "NotificationsFailing",
      width: 4,
    },
  ],
};

const WATCH: Row = {
  title: "Alerts, targets and backups",
  panels: [
    {
      kind: "graph",
      title: "Alerts that fire",
      description: "As Prometheus sees them; what Alertmanager holds back because of another alert is among them.",
      unit: "count",
      stacked: true,
      queries: [{ expression: aggregate("count", FIRING_ALERTS, ["alertname"]), legend: "{{alertname}}" }],
      width: 12,
    },
    {
      kind: "graph",
      title: "Targets up by job",
      description: "Share of a job's targets that answer.",
      unit: "ratio",
      max: 1,
      queries: [{ expression: aggregate("avg", select(up), ["job"]), legend: "{{job}}" }],
      alert: "TargetDown",
      width: 12,
    },
    {
      kind: "graph",
      title: "Age of the last verified backup",
      description: "A nightly backup makes a saw. Above the line a night is missing.",
      unit: "duration",
      queries: [{ expression: BACKUP_AGE, legend: "{{kind}}" }],
      thresholds: [{ from: BACKUP_LIMIT_SECONDS, colour: "red" }],
      alert: "BackupStale",
      width: 12,
    },
    {
      kind: "graph",
      title: "Event loop, p99",
      description: "How late the gateways' event loop runs; every stream waits so long.",
      unit: "seconds",
      queries: [
        {
          expression: withTarget(max(select(eventLoopLagP99, { job: GATEWAY_JOB }), BY_TARGET)),
          legend: "{{target}}",
        },
      ],
      alert: "EventLoopSlow",
      width: 12,
    },
  ],
};

const MACHINES: Row = {
  title: "Machines",
  panels: [
    {
      kind: "graph",
      title: "CPU",
      description: "Share of the time in which the machine's CPUs worked.",
      unit: "ratio",
      max: 1,
      queries: [
        {
          expression: withTarget(
            operate(
              1,
              "-",
              aggregate("avg", rate(select(cpuSeconds, { mode: "idle" }), "$__rate_interval"), BY_TARGET),
            ),
          ),
          legend: "{{target}}",
        },
      ],
      width: 6,
    },
    {
      kind: "graph",
      title: "Memory free",
      description: "Share of the memory that programs can still have.",
      unit: "ratio",
      max: 1,
      queries: [
        {
          expression: withTarget(divide(max(select(memoryAvailable), BY_TARGET), max(select(memoryTotal), BY_TARGET))),
          legend: "{{target}}",
        },
      ],
      thresholds: [{ from: 0.05, colour: "red" }],
      alert: "MemoryLow",
      width: 6,
    },
    {
      kind: "graph",
      title: "Disk free",
      description: "Share of each machine's fullest disk that is free.",
      unit: "ratio",
      max: 1,
      queries: [
        {
          expression: withTarget(
            aggregate("min", divide(select(filesystemAvailable, DISKS), select(filesystemSize, DISKS)), BY_TARGET),
          ),
          legend: "{{target}}",
        },
      ],
      thresholds: [{ from: 0.1, colour: "red" }],
      alert: "DiskFilling",
      width: 6,
    },
    {
      kind: "graph",
      title: "Weights there, preempted",
      description: "VMs: models whose weights are complete; machines that were told to go.",
      unit: "count",
      queries: [
        { expression: sum(select(modelReady)), legend: "models ready" },
        { expression: sum(select(preempted)), legend: "preempted" },
      ],
      alert: "Preempted",
      width: 6,
    },
  ],
};

const PODS: Row = {
  title: "Pods (cluster)",
  panels: [
    {
      kind: "graph",
      title: "Container restarts in an hour",
      description: "One that restarts again and again never becomes ready.",
      unit: "count",
      queries: [
        {
          expression: sum(increase(select(containerRestarts), "1h"), ["namespace", "pod"]),
          legend: "{{namespace}}/{{pod}}",
        },
      ],
      alert: "ContainerRestarting",
      width: 12,
    },
    {
      kind: "graph",
      title: "Pods by phase",
      description: "Pending: waits for a node, or for its image.",
      unit: "count",
      stacked: true,
      queries: [{ expression: sum(select(podPhase), ["phase"]), legend: "{{phase}}" }],
      alert: "PodNotReady",
      width: 12,
    },
  ],
};

/** The morning check of whoever operates the service. */
export const OPERATIONS_DASHBOARD: Dashboard = {
  uid: "terrace-operations",
  title: "Operations",
  description: "Targets, backups, certificates, restarts, machines and pods.",
  variables: [],
  shows: "24h",
  rows: [NOW, WATCH, MACHINES, PODS],
};
