/** The workload with Prometheus and Alertmanager beside it: `npm start -- --monitor`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PATHS, PORTS } from "../../app/src/contract/endpoints";
import { REQUIRED_TASKS, tableOf } from "../../app/src/contract/tasks";
import { ENV } from "../../app/src/contract/variables";
import { alertmanagerConfig } from "../../constructs/observability/alertmanager-config";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { freePort } from "../../testing/free-port";
import { enginesAreGiven, givenEngines } from "./given-engines";
import { receiveMessages } from "./monitor/message-receiver";
import { startMonitor, THIS_MACHINE } from "./monitor/monitor";
import type { MonitorPrograms } from "./monitor/monitor-programs";
import type { LocalTarget } from "./monitor/prometheus-config";
import { engineEntry, engineVariables, type SimulatedEngine, startSimulatedEngine } from "./monitor/simulated-engines";
import { sentToWebhook } from "./monitor/webhook-config";
import { showMessage, watchMonitor } from "./watch-monitor";

type Variables = Readonly<Record<string, string | undefined>>;

/** Under the working directory, beside the embedded stores' data. */
const FOLDER = ".terrace/monitor";
/** As on the monitoring VM. */
const INTERVAL = "15s";
/** As a reader of this checkout finds them. */
const RUNBOOKS = "docs/runbooks";
/** As many as VMs serve in step 1: one may fail, and the other carries on. */
const ENGINES = 2;
const MODEL = "gemma3-12b-it-gptq";
/** Requests at once on one L4. Source: R-2. */
const CONCURRENCY = 30;
/** Placeholders: every message goes to this process. */
const CHANNELS = {
  slackChannel: "#alerts",
  mail: { smarthost: "localhost:25", from: "terrace@localhost", to: ["you@localhost"] },
};

/** What is to be stopped, in the order in which it was started. */
type Cleanup = (() => Promise<void>)[];

/**
 * Runs until the workload ends, then stops what watched it: the gateway drains while its engines still answer.
 * @returns the workload's exit code
 * @throws MonitorError where something beside the workload does not come up
 */
export async function runMonitored(root: string, programs: MonitorPrograms): Promise<number> {
  const started: Cleanup = [];
  // The terminal sends Ctrl-C to the whole group; the app drains, and this process waits for it.
  process.on("SIGINT", () => {});
  try {
    return await run(root, programs, started);
  } finally {
    for (const stop of started.reverse()) await stop();
  }
}

async function run(root: string, programs: MonitorPrograms, started: Cleanup): Promise<number> {
  const folder = join(root, FOLDER);
  const port = await gatewayPort(process.env);
  const engines = enginesAreGiven(process.env) ? undefined : await simulatedEngines(root, folder, started);
  const messages = await receiveMessages(showMessage);
  started.push(messages.close);
  const monitor = await startMonitor({
    programs,
    folder,
    interval: INTERVAL,
    rules: ruleFiles(RUNBOOKS),
    targets: [gatewayTarget(process.env, port), ...(engines?.targets ?? (await givenEngines(process.env)))],
    alertmanagerConfig: sentToWebhook(alertmanagerConfig(ALERT_ROUTING, CHANNELS), messages.url),
  });
  started.push(monitor.stop);
  console.log(`Prometheus   ${monitor.prometheusUrl}\nAlertmanager ${monitor.alertmanagerUrl}`);
  for (const line of engines?.hints ?? []) console.log(line);

  const app = spawn(process.execPath, [join(root, "app/bin/terrace-app.cjs")], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ...engines?.variables,
      ...(process.env[ENV.port] === "0" && { [ENV.port]: String(port) }),
    },
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => app.kill("SIGTERM"));
  const watching = watchMonitor(monitor);
  const [code, signal]: unknown[] = await once(app, "exit");
  watching.stop();
  return typeof code === "number" ? code : Number(signal === null);
}

/** The gateway's port. For 0, any free one is chosen here, because the scrape needs it; the gateway rejects an invalid one. */
async function gatewayPort(env: Variables): Promise<number> {
  const given = env[ENV.port] || String(PORTS.gateway);
  if (given === "0") return freePort();
  return /^\d+$/.test(given) ? Number(given) : PORTS.gateway;
}

function gatewayTarget(env: Variables, port: number): LocalTarget {
  const host = env[ENV.host] ?? "";
  const reachable = host === "" || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const address = `${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  return { job: "gateway", instance: THIS_MACHINE, address, path: PATHS.metrics };
}

/** Engines in processes of their own: each is a target, and each can fail without the others. */
async function simulatedEngines(root: string, folder: string, started: Cleanup) {
  const engines: SimulatedEngine[] = [];
  for (let index = 0; index < ENGINES; index += 1) {
    const engine = await startSimulatedEngine({
      instance: `engine-${index + 1}`,
      launcher: join(root, "app/bin/terrace-simulator.cjs"),
      folder,
      model: MODEL,
      port: PORTS.engineBase + index,
      speed: process.env[ENV.simulatorSpeed] || "1",
    });
    started.push(engine.process.stop);
    engines.push(engine);
  }
  const entry = engineEntry(engines, MODEL, Number(process.env[ENV.modelConcurrency] || CONCURRENCY));
  return {
    targets: engines.map(({ target }) => target),
    variables: engineVariables(tableOf(REQUIRED_TASKS, () => entry)),
    hints: [
      `Engines      ${engines.map(({ url }) => url).join(" and ")}, simulated`,
      "Something to see: npm run load -- --rate 3",
      ...engines
        .slice(0, 1)
        .map(({ url }) => `Something to fail, until the fault "restart": ${faultCommand(url, "crash")}`),
    ],
  };
}

function faultCommand(url: string, kind: string): string {
  return `curl -H 'content-type: application/json' -d '{"kind":"${kind}"}' ${url}/simulator/faults`;
}
