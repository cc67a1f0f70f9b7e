/** Prints the monitor's state: a table once every target was scraped, then a line for each change. */
import { setTimeout as delay } from "node:timers/promises";
import { renderTable } from "../../reporting/table";
import type { Message } from "./monitor/message-receiver";
import type { Monitor } from "./monitor/monitor";
import { type LiveAlert, type LiveTarget, liveAlerts, liveTargets, ruleCounts } from "./monitor/prometheus-api";

const POLL_SECONDS = 2;
/** Severity of the alert that always fires, and of those that only inhibit others. */
const NOBODY = "none";

/** What is compared from one look to the next. */
interface View {
  readonly targets: readonly LiveTarget[];
  readonly alerts: readonly LiveAlert[];
}

/** Watches until it is stopped, also while the monitor does not answer. */
export function watchMonitor(monitor: Monitor): { readonly stop: () => void } {
  const stopped = new AbortController();
  void watch(monitor, stopped.signal);
  void monitor.failed.then((how) => {
    if (!stopped.signal.aborted) say(how);
  });
  return { stop: () => stopped.abort() };
}

async function watch(monitor: Monitor, signal: AbortSignal): Promise<void> {
  let last: View | undefined;
  while (!signal.aborted) {
    const view = await look(monitor);
    if (view !== undefined && last !== undefined) for (const line of changedLines(last, view)) say(line);
    else if (view !== undefined) console.log(`\n${await overview(monitor, view)}\n`);
    last = view ?? last;
    await delay(POLL_SECONDS * 1_000, undefined, { signal }).catch(() => {});
  }
}

/** Undefined where Prometheus does not answer, or has not scraped every target yet. */
async function look({ prometheusUrl }: Monitor): Promise<View | undefined> {
  try {
    const [targets, alerts] = await Promise.all([liveTargets(prometheusUrl), liveAlerts(prometheusUrl)]);
    const scraped = targets.length > 0 && targets.every(({ health }) => health !== "unknown");
    return scraped ? { targets, alerts: alerts.filter(({ labels }) => labels.severity !== NOBODY) } : undefined;
  } catch {
    return undefined;
  }
}

async function overview({ prometheusUrl }: Monitor, { targets, alerts }: View): Promise<string> {
  const rows = targets.map((target) => [
    targetName(target),
    new URL(target.scrapeUrl).host,
    target.health,
    `${Math.round(target.lastScrapeDuration * 1_000)} ms`,
  ]);
  const { alerting, recording } = await ruleCounts(prometheusUrl);
  const firing = alerts.length === 0 ? ["No alert fires."] : alerts.map(alertLine);
  return [
    renderTable(["target", "address", "health", "scrape"], rows),
    `${alerting} alerts and ${recording} recorded series are evaluated.`,
    ...firing,
  ].join("\n");
}

/** A line for each change. */
export function changedLines(before: View, now: View): readonly string[] {
  const healths = new Map(before.targets.map((target) => [targetName(target), target.health]));
  const states = new Map(before.alerts.map((alert) => [identity(alert), alert.state]));
  const present = new Set(now.alerts.map(identity));
  return [
    ...now.targets.filter((target) => healths.get(targetName(target)) !== target.health).map(targetLine),
    ...now.alerts.filter((alert) => states.get(identity(alert)) !== alert.state).map(alertLine),
    ...before.alerts.filter((alert) => !present.has(identity(alert))).map((alert) => `over: ${nameOf(alert)}`),
  ];
}

function targetName({ labels }: LiveTarget): string {
  return `${labels.job} ${labels.instance}`;
}

function targetLine(target: LiveTarget): string {
  return `${targetName(target)} is ${target.health}${target.lastError === "" ? "" : `: ${target.lastError}`}`;
}

function identity({ labels }: LiveAlert): string {
  return JSON.stringify(Object.entries(labels).toSorted());
}

function nameOf({ labels, annotations }: LiveAlert): string {
  return `${labels.alertname} (${annotations.summary ?? ""})`;
}

function alertLine(alert: LiveAlert): string {
  return `${alert.state}: ${nameOf(alert)}`;
}

/** Prints a message that Slack or e-mail would have received. */
export function showMessage({ status, channel, receiver, alerts }: Message): void {
  const names = [...new Set(alerts.map(({ labels }) => labels.alertname ?? ""))].join(", ");
  const pages = [...new Set(alerts.map(({ annotations }) => annotations.runbook_url ?? ""))].join(", ");
  say(`${channel} would receive (${receiver}): ${status} ${names}, see ${pages}`);
}

function say(line: string): void {
  console.log(`${new Date().toTimeString().slice(0, 8)} ${line}`);
}
