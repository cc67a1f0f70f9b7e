/** A gateway, simulated engines, and what watches them: real processes on loopback ports, in time-lapse. */
import { hash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PATHS } from "../../app/src/contract/endpoints";
import { serviceTokenItem } from "../../app/src/contract/service-token";
import { REQUIRED_TASKS, tableOf } from "../../app/src/contract/tasks";
import { ENV } from "../../app/src/contract/variables";
import { alertmanagerConfig } from "../../constructs/observability/alertmanager-config";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { freePort } from "../../testing/free-port";
import { type Background, startInBackground } from "../../tools/start/monitor/background";
import { type Message, receiveMessages } from "../../tools/start/monitor/message-receiver";
import { startMonitor, THIS_MACHINE } from "../../tools/start/monitor/monitor";
import { findPrograms } from "../../tools/start/monitor/monitor-programs";
import { liveAlerts, liveTargets } from "../../tools/start/monitor/prometheus-api";
import {
  engineEntry,
  engineVariables,
  type SimulatedEngine,
  startSimulatedEngine,
} from "../../tools/start/monitor/simulated-engines";
import { sentToWebhook } from "../../tools/start/monitor/webhook-config";
import { buildBundle } from "./bundle";
import { type HeldAlert, heldByAlertmanager } from "./held-alerts";
import { fasterRoutes, fasterRules, shorter } from "./time-lapse";

/** Between two scrapes in the product. */
const SCRAPE_INTERVAL = "15s";

/** Prometheus' default. */
const RESEND_DELAY = "1m";

/** An alert in a message, and the channel that would have carried it. */
export interface Notice {
  readonly name: string;
  readonly status: "firing" | "resolved";
  readonly receiver: string;
  readonly channel: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Site {
  readonly url: string;
  /** Two of the large model, which answers everything but news. */
  readonly engines: readonly [SimulatedEngine, SimulatedEngine];
  readonly newsEngine: SimulatedEngine;
  /** Every alert of every message so far, oldest first. */
  readonly notices: () => readonly Notice[];
  /** Alerts that Alertmanager has now. */
  readonly held: () => Promise<readonly HeldAlert[]>;
  /** Targets by job and instance, and whether each answers. */
  readonly targets: () => Promise<Readonly<Record<string, string>>>;
  /** Ends the gateway as a crash would. */
  readonly killGateway: () => Promise<void>;
  readonly startGateway: () => Promise<void>;
  /** What is seen now, for the message of a test that fails. */
  readonly describe: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Bearer token that the gateway accepts, of any start. */
export const SITE_TOKEN = "end-to-end";
export const LARGE_MODEL = "gemma3-12b-it-gptq";
export const NEWS_MODEL = "gemma3-4b-it";
/** Times faster than an L4: answers take a tenth of a second. */
const SPEED = "20";
const CONCURRENCY = 30;
/** Few places, so that requests wait when the engine is slow. */
const NEWS_CONCURRENCY = 4;
const CHANNELS = {
  slackChannel: "#alerts",
  mail: { smarthost: "127.0.0.1:25", from: "a@localhost", to: ["b@localhost"] },
};

/** @param factor how many times faster than the product the rules, routes and scrapes are */
export async function startSite(factor: number): Promise<Site> {
  const cleanup: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of cleanup.splice(0).reverse()) await one();
  };
  try {
    return await start(factor, cleanup, stop);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function start(factor: number, cleanup: (() => Promise<void>)[], stop: () => Promise<void>): Promise<Site> {
  const folder = buildBundle();
  cleanup.push(async () => rmSync(folder, { recursive: true, force: true }));
  const engine = async (instance: string, model: string) => {
    const launcher = join(folder, "app/bin/terrace-simulator.cjs");
    const started = await startSimulatedEngine({ instance, model, launcher, folder, speed: SPEED });
    cleanup.push(started.process.stop);
    return started;
  };
  const engines = [await engine("engine-1", LARGE_MODEL), await engine("engine-2", LARGE_MODEL)] as const;
  const newsEngine = await engine("engine-3", NEWS_MODEL);

  const port = await freePort();
  const large = engineEntry(engines, LARGE_MODEL, CONCURRENCY);
  const news = engineEntry([newsEngine], NEWS_MODEL, NEWS_CONCURRENCY);
  let gateway: Background | undefined;
  const startGateway = async () => {
    gateway = await startInBackground({
      name: "gateway",
      command: process.execPath,
      args: [join(folder, "app/bin/terrace-app.cjs")],
      env: {
        PATH: process.env.PATH,
        ...engineVariables({ ...tableOf(REQUIRED_TASKS, () => large), news }),
        [ENV.port]: String(port),
        [ENV.dataDir]: join(folder, "data"),
        [ENV.serviceTokens]: serviceTokenItem({
          name: "load",
          role: "service",
          users: ["*"],
          sha256: hash("sha256", SITE_TOKEN, "hex"),
        }),
        [ENV.logLevel]: "warn",
      },
      cwd: folder,
      logFile: join(folder, "gateway.log"),
      readyUrl: `http://127.0.0.1:${port}${PATHS.healthz}`,
    });
  };
  cleanup.push(async () => gateway?.stop());
  await startGateway();

  const messages: Message[] = [];
  const receiver = await receiveMessages((message) => messages.push(message));
  cleanup.push(receiver.close);
  const rules = Object.entries(ruleFiles("docs/runbooks")).map(([name, yaml]) => [name, fasterRules(yaml, factor)]);
  const monitor = await startMonitor({
    programs: { ...findPrograms(), nodeExporter: undefined },
    folder: join(folder, "monitor"),
    targets: [
      { job: "gateway", instance: THIS_MACHINE, address: `127.0.0.1:${port}`, path: PATHS.metrics },
      ...[...engines, newsEngine].map(({ target }) => target),
    ],
    rules: Object.fromEntries(rules),
    alertmanagerConfig: fasterRoutes(sentToWebhook(alertmanagerConfig(ALERT_ROUTING, CHANNELS), receiver.url), factor),
    interval: shorter(SCRAPE_INTERVAL, factor),
    resendDelay: shorter(RESEND_DELAY, factor),
  });
  cleanup.push(monitor.stop);

  const notices = () => messages.flatMap(alertsOf);
  const targets = async () => {
    const live = await liveTargets(monitor.prometheusUrl);
    return Object.fromEntries(live.map(({ labels, health }) => [`${labels.job} ${labels.instance}`, health]));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    engines,
    newsEngine,
    notices,
    targets,
    startGateway,
    stop,
    held: () => heldByAlertmanager(monitor.alertmanagerUrl),
    async killGateway() {
      gateway?.kill("SIGKILL");
      await gateway?.ended;
    },
    async describe() {
      const live = await liveAlerts(monitor.prometheusUrl).catch(() => []);
      const seen = {
        targets: await targets().catch(String),
        alerts: live.map(({ state, labels }) => ({ state, ...labels })),
      };
      return JSON.stringify({ ...seen, notices: notices() }, undefined, 2);
    },
  };
}

function alertsOf({ receiver, channel, alerts }: Message): Notice[] {
  return alerts.map(({ status, labels }) => ({ name: labels.alertname ?? "", status, receiver, channel, labels }));
}

const POLL_MS = 100;

/** Waits until something is there. @throws Error with what is seen instead, after so many seconds */
export async function eventually<Found>(
  site: Site,
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  seconds = 50,
): Promise<Found> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}\n${await site.describe()}`);
    await delay(POLL_MS);
  }
}
