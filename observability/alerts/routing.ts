/**
 * Where alerts are sent, and which ones are redundant while another one fires. Both steps render it: a file on the
 * monitoring VM, an AlertmanagerConfig in the cluster.
 */

/** A matcher of Alertmanager; a missing label is an empty one. */
export interface AlertMatcher {
  readonly label: string;
  readonly operator: "!=" | "!~" | "=" | "=~";
  /** A text, or for `=~` and `!~` a regular expression that must match all of it. */
  readonly value: string;
}

/** `heartbeat`: a service outside that alarms when the heartbeat stops; without one, the route sends nothing. */
export type Channel = "email" | "heartbeat" | "slack";

/** Alerts that match go to the channels, and to no later route. */
export interface AlertRoute {
  /** kebab-case: names its receiver. */
  readonly name: string;
  /** All must hold. None: the route of whatever no other takes. */
  readonly matchers: readonly AlertMatcher[];
  /** Empty: nothing is sent. */
  readonly channels: readonly Channel[];
  /** Seconds to collect alerts that belong together, before the first message. */
  readonly groupWaitSeconds: number;
  /** Seconds before a group that grew or shrank is sent again. */
  readonly groupIntervalSeconds: number;
  /** Seconds before an unchanged group that still fires is sent again. */
  readonly repeatIntervalSeconds: number;
}

/** While an alert of `source` fires, those of `target` that agree with it in every label of `equal` are not sent. */
export interface Inhibition {
  /** What the target would not add. */
  readonly why: string;
  readonly source: readonly AlertMatcher[];
  readonly target: readonly AlertMatcher[];
  readonly equal: readonly string[];
}

export interface AlertRouting {
  /** Alerts that agree in these are one message. */
  readonly groupBy: readonly string[];
  /** Tried in this order. */
  readonly routes: readonly AlertRoute[];
  /** Takes what no other route does: better a message too many than none. */
  readonly fallback: AlertRoute;
  readonly inhibitions: readonly Inhibition[];
}

/** Name of the alert that always fires, so that its absence is the alarm. */
export const HEARTBEAT_ALERT = "Watchdog";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const is = (label: string, value: string): AlertMatcher => ({ label, operator: "=", value });
const isNot = (label: string, value: string): AlertMatcher => ({ label, operator: "!=", value });
const matches = (label: string, value: string): AlertMatcher => ({ label, operator: "=~", value });
const alert = (...names: readonly [string, ...string[]]): AlertMatcher => {
  const [only] = names;
  return names.length === 1 ? is("alertname", only) : matches("alertname", names.join("|"));
};
/** Two alerts that both lack a label agree in it: whatever is compared must be there. */
const has = (label: string): AlertMatcher => isNot(label, "");

const slackRoute = (name: string, matchers: readonly AlertMatcher[]): AlertRoute => ({
  name,
  matchers,
  channels: ["slack"],
  groupWaitSeconds: 30,
  groupIntervalSeconds: 5 * MINUTE,
  repeatIntervalSeconds: 12 * HOUR,
});

/** Alerts that a machine takes with it: all that come from a scrape of it, but those about why it went. */
const OF_A_MACHINE = alert(
  "ColdStartOverBudget",
  "Degraded",
  "DiskFilling",
  "EndpointDown",
  "EventLoopSlow",
  "GatewayNotReady",
  "GpuIdle",
  "MemoryLow",
  "ModelDownloadFailed",
  "TargetDown",
);

/** The label `environment` is Prometheus' own, so that two environments may share an Alertmanager. */
const ENVIRONMENT = "environment";

/** Source of the routes: R-101. */
export const ALERT_ROUTING: AlertRouting = {
  groupBy: ["alertname", ENVIRONMENT],
  routes: [
    {
      name: "heartbeat",
      matchers: [alert(HEARTBEAT_ALERT)],
      channels: ["heartbeat"],
      groupWaitSeconds: 0,
      groupIntervalSeconds: MINUTE,
      // Such services alarm after a few minutes without a heartbeat.
      repeatIntervalSeconds: 5 * MINUTE,
    },
    {
      name: "critical",
      matchers: [is("severity", "critical")],
      channels: ["slack", "email"],
      groupWaitSeconds: 10,
      groupIntervalSeconds: 5 * MINUTE,
      repeatIntervalSeconds: 4 * HOUR,
    },
    slackRoute("warning", [is("severity", "warning")]),
    // Alerts of the cluster's own rules that only inhibit others, or only inform.
    { ...slackRoute("nobody", [matches("severity", "none|info")]), channels: [] },
  ],
  fallback: slackRoute("anything-else", []),
  inhibitions: [
    {
      why: "What ran on a machine is gone with it.",
      source: [alert("NodeDown"), has("instance")],
      target: [OF_A_MACHINE, has("instance")],
      equal: [ENVIRONMENT, "instance"],
    },
    {
      why: "What ran on a node is gone with it; pods have addresses of their own.",
      source: [alert("NodeDown"), has("node")],
      target: [OF_A_MACHINE, has("node")],
      equal: [ENVIRONMENT, "node"],
    },
    {
      why: "A machine that Google takes back is down a moment later, as was said.",
      source: [alert("Preempted"), has("instance")],
      target: [alert("NodeDown", "TargetDown", "GatewayNotReady", "Degraded"), has("instance")],
      equal: [ENVIRONMENT, "instance"],
    },
    {
      why: "No engine of the model answers; each one of them need not be listed.",
      source: [alert("ModelUnavailable"), has("model")],
      target: [alert("EndpointDown"), has("model")],
      equal: [ENVIRONMENT, "model"],
    },
    {
      why: "Nobody gets through: slow answers and errors are parts of that.",
      source: [alert("SiteDown")],
      target: [is("subject", "service"), is("severity", "warning")],
      equal: [ENVIRONMENT],
    },
    {
      why: "The budget of the same objective burns faster than that.",
      source: [has("objective"), is("severity", "critical")],
      target: [has("objective"), is("severity", "warning")],
      equal: [ENVIRONMENT, "objective"],
    },
    {
      why: "The hardware error is one of the errors that the driver reported.",
      source: [alert("GpuFault"), has("gpu")],
      target: [alert("GpuXidError"), has("gpu")],
      equal: [ENVIRONMENT, "instance", "gpu"],
    },
    {
      why: "An engine without weights cannot start in time; on VMs by machine.",
      source: [alert("ModelDownloadFailed"), has("instance")],
      target: [alert("ColdStartOverBudget"), has("instance")],
      equal: [ENVIRONMENT, "instance"],
    },
    {
      why: "An engine without weights cannot start in time; in the cluster by pod.",
      source: [alert("ModelDownloadFailed"), has("pod")],
      target: [alert("ColdStartOverBudget", "PodNotReady"), has("pod")],
      equal: [ENVIRONMENT, "pod"],
    },
  ],
};
