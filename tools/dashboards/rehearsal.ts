import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ENV, PATHS } from "../../app/src/contract";
import { alertmanagerConfig } from "../../constructs/observability/alertmanager-config";
import { ALERT_ROUTING } from "../../observability/routing";
import { ruleFiles } from "../../observability/rules/rule-files";
import { USUAL_MIX } from "../load/errands";
import { startLoad } from "../load/generator";
import { LoadReport } from "../load/report";
import { startInBackground } from "../monitor/background";
import { freePort } from "../monitor/free-port";
import { startMonitor } from "../monitor/monitor";
import { findPrograms } from "../monitor/programs";
import { engineEntry, engineVariables, type SimulatedEngine, startSimulatedEngine } from "../monitor/simulated-engines";
import { startStandIns } from "./stand-ins";

/** Between two scrapes: short, so that a rehearsal of minutes has as many points as a day has. */
export const REHEARSAL_SCRAPE_SECONDS = 5;
const ENGINES = 2;
const MODEL = "gemma3-12b-it-gptq";
/** Requests at once on one L4. Source: second document. */
const CONCURRENCY = 30;
const USERS = 40;
/** A whole answer of an L4 under load takes less. */
const GRACE_MS = 60_000;

/** A part of a rehearsal: so much of its time, so many requests a second. */
interface Phase {
  readonly share: number;
  readonly ratePerSecond: number;
  /** What goes wrong at its beginning, on the second engine. @default nothing */
  readonly fault?: "crash" | "restart";
}

/** A quiet hour, a busy one, more than the engines can do, an engine lost and back, and the evening. */
const PHASES: readonly Phase[] = [
  { share: 0.15, ratePerSecond: 1 },
  { share: 0.2, ratePerSecond: 4 },
  { share: 0.15, ratePerSecond: 9 },
  { share: 0.1, ratePerSecond: 5, fault: "crash" },
  { share: 0.2, ratePerSecond: 5, fault: "restart" },
  { share: 0.2, ratePerSecond: 1.5 },
];

const NOBODY = {
  slackChannel: "#alerts",
  mail: { smarthost: "localhost:25", from: "a@localhost", to: ["b@localhost"] },
};

export interface Rehearsal {
  /** Without a slash at its end. */
  readonly prometheusUrl: string;
  readonly stop: () => Promise<void>;
}

/**
 * Runs the gateway on two simulated engines, watched by a Prometheus with the product's rules, under a load that rises
 * and falls, with an engine that dies and comes back.
 * @param root of this repository, with the app built
 * @returns once the load is over; what was started runs on until it is stopped
 */
export async function rehearse(root: string, folder: string, seconds: number): Promise<Rehearsal> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const started: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const one of started.splice(0).reverse()) await one();
  };
  try {
    const engines = await startEngines(root, folder, started);
    const standIns = await startStandIns(engines.map(({ target, url }) => ({ instance: target.instance, url })));
    started.push(standIns.close);
    const gateway = await startGateway(root, folder, engines, started);
    const monitor = await startMonitor({
      ...{ programs: findPrograms(), folder, interval: `${REHEARSAL_SCRAPE_SECONDS}s` },
      rules: ruleFiles("docs/runbooks"),
      targets: [
        { job: "gateway", instance: "llm-vm-1", address: gateway, path: PATHS.metrics },
        ...engines.map(({ target }) => target),
        ...standIns.targets,
      ],
      alertmanagerConfig: alertmanagerConfig(ALERT_ROUTING, NOBODY),
    });
    started.push(monitor.stop);
    await runPhases(`http://${gateway}`, engines, seconds);
    return { prometheusUrl: monitor.prometheusUrl, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function startEngines(root: string, folder: string, started: (() => Promise<void> | void)[]) {
  const engines: SimulatedEngine[] = [];
  for (let index = 1; index <= ENGINES; index += 1) {
    const engine = await startSimulatedEngine({
      ...{ instance: `llm-vm-${index}`, folder, model: MODEL, speed: "1" },
      launcher: join(root, "app/bin/terrace-simulator.cjs"),
    });
    started.push(engine.process.stop);
    engines.push(engine);
  }
  return engines;
}

/** @returns its host and port */
async function startGateway(
  root: string,
  folder: string,
  engines: readonly SimulatedEngine[],
  started: (() => Promise<void> | void)[],
): Promise<string> {
  const port = await freePort();
  const entry = engineEntry(engines, MODEL, CONCURRENCY);
  const gateway = await startInBackground({
    ...{ name: "gateway", command: process.execPath, args: [join(root, "app/bin/terrace-app.cjs")], cwd: folder },
    env: {
      ...process.env,
      ...engineVariables({ til: entry, news: entry, interview: entry }),
      [ENV.port]: String(port),
      [ENV.dataDir]: join(folder, "data"),
    },
    logFile: join(folder, "gateway.log"),
    readyUrl: `http://127.0.0.1:${port}${PATHS.ready}`,
  });
  started.push(gateway.stop);
  return `127.0.0.1:${port}`;
}

async function runPhases(url: string, engines: readonly SimulatedEngine[], seconds: number): Promise<void> {
  const report = new LoadReport();
  const second = engines.at(-1);
  const draining: Promise<void>[] = [];
  for (const { share, ratePerSecond, fault } of PHASES) {
    if (fault !== undefined && second !== undefined) await inject(second.url, fault);
    const load = startLoad({
      ...{ url, ratePerSecond, mix: { ...USUAL_MIX, chat: 0 }, users: USERS },
      onResult: (result) => report.add(result),
    });
    console.log(`${ratePerSecond} requests a second${fault === undefined ? "" : `, ${fault} of an engine`}`);
    await delay(share * seconds * 1_000);
    console.log(report.line(load.inFlight));
    // What is in flight ends under the next part.
    draining.push(load.stop(GRACE_MS));
  }
  await Promise.all(draining);
  console.log(report.summary());
}

async function inject(url: string, kind: "crash" | "restart"): Promise<void> {
  const answer = await fetch(`${url}/simulator/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind }),
  });
  if (!answer.ok) throw new Error(`the simulator answered ${answer.status} to ${kind}: ${await answer.text()}`);
}
