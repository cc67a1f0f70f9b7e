import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PATHS } from "../../app/src/contract";
import { alertmanagerConfig } from "../../constructs/observability/alertmanager-config";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { receiveMessages } from "../start/monitor/message-receiver";
import { startMonitor } from "../start/monitor/monitor";
import { findPrograms } from "../start/monitor/programs";
import { type SimulatedEngine, startSimulatedEngine } from "../start/monitor/simulated-engines";
import { toldByWebhook } from "../start/monitor/webhook-config";
import { backUp, type GatewayProcess, startGateway } from "./rehearsal-gateway";
import { runPhases } from "./rehearsal-load";
import { startStandIns } from "./stand-ins";

/** Between two scrapes: short, so that a rehearsal of minutes has as many points as a day has. */
export const REHEARSAL_SCRAPE_SECONDS = 5;
/** Before the load: rates have something to start from. */
const WARM_UP_SECONDS = 4 * REHEARSAL_SCRAPE_SECONDS;
const ENGINES = 2;
const MODEL = "gemma3-12b-it-gptq";
/** Any: nobody is written to, the messages come here. */
const CHANNELS = {
  slackChannel: "#alerts",
  mail: { smarthost: "localhost:25", from: "a@localhost", to: ["b@localhost"] },
};

type Cleanup = (() => Promise<void> | void)[];

export interface Rehearsal {
  /** Without a slash at its end. */
  readonly prometheusUrl: string;
  readonly stop: () => Promise<void>;
}

/**
 * Runs the gateway on two simulated engines, watched by a Prometheus with the product's rules, under a load that rises
 * and falls, with an engine that dies and comes back.
 * @param app folder of the app, built
 * @param seconds that the load lasts
 * @returns once the load is over; what was started runs on until it is stopped
 */
export async function rehearse(app: string, folder: string, seconds: number): Promise<Rehearsal> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const started: Cleanup = [];
  const stop = async () => {
    for (const one of started.splice(0).reverse()) await one();
  };
  try {
    const engines = await startEngines(app, folder, started);
    const standIns = await startStandIns(engines.map(({ target, url }) => ({ instance: target.instance, url })));
    started.push(standIns.close);
    await backUp(app, folder);
    const gateway = await startGateway({ app, folder, engines, model: MODEL });
    started.push(gateway.stop);
    const targets = [...engines.map(({ target }) => target), ...standIns.targets];
    const prometheusUrl = await watch(folder, gateway, targets, started);
    await delay(WARM_UP_SECONDS * 1_000);
    await runPhases(gateway.url, engines, seconds);
    return { prometheusUrl, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function startEngines(app: string, folder: string, started: Cleanup): Promise<readonly SimulatedEngine[]> {
  const engines: SimulatedEngine[] = [];
  for (let index = 1; index <= ENGINES; index += 1) {
    const engine = await startSimulatedEngine({
      ...{ instance: `llm-vm-${index}`, folder, model: MODEL, speed: "1" },
      launcher: join(app, "bin/terrace-simulator.cjs"),
    });
    started.push(engine.process.stop);
    engines.push(engine);
  }
  return engines;
}

async function watch(
  folder: string,
  gateway: GatewayProcess,
  targets: Parameters<typeof startMonitor>[0]["targets"],
  started: Cleanup,
): Promise<string> {
  const messages = await receiveMessages(({ alerts }) => {
    for (const { status, labels } of alerts) console.log(`${status}: ${labels.alertname}`);
  });
  started.push(messages.close);
  const monitor = await startMonitor({
    ...{ programs: findPrograms(), folder, interval: `${REHEARSAL_SCRAPE_SECONDS}s` },
    rules: ruleFiles("docs/runbooks"),
    targets: [{ job: "gateway", instance: "llm-vm-1", address: gateway.address, path: PATHS.metrics }, ...targets],
    alertmanagerConfig: toldByWebhook(alertmanagerConfig(ALERT_ROUTING, CHANNELS), messages.url),
  });
  started.push(monitor.stop);
  return monitor.prometheusUrl;
}
