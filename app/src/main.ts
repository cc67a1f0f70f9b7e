import type { AddressInfo } from "node:net";
import { type Logger, pino } from "pino";
import { Access, accessLine } from "./auth/access";
import { type Config, ConfigError, readConfig } from "./config/config";
import { ModelPool } from "./engine/model-pool";
import { type ModelTable, singleModelTable } from "./engine/model-table";
import { engineCheck, gpuCheck } from "./health/engine-check";
import { selectedChecks } from "./health/health-check";
import { machineChecks } from "./health/machine-checks";
import { modelWarmUps } from "./health/model-warm-up";
import { Readiness } from "./health/readiness";
import type { WarmUpState } from "./health/warm-up";
import { listenErrorMessage } from "./listen-error";
import { GpuUtilization } from "./load/gpu-utilization";
import { Operations } from "./operations";
import { watchPreemption } from "./preemption/watch-preemption";
import { buildServer } from "./server";
import { drain, drainTimes, exitOnSignals } from "./shutdown";
import { buildSimulator } from "./simulator/simulator-server";
import { L4_GEMMA_12B } from "./simulator/timing";

/** A person watches: one line for what matters. Otherwise everything is JSON. */
const WATCHED = process.stdout.isTTY === true;

/** Says something to whoever is there: a line on a terminal, a log entry elsewhere. */
type Say = (line: string, fields?: Readonly<Record<string, unknown>>) => void;

/** @throws ConfigError never: a wrong configuration ends the process with code 2 before anything listens */
function configuration(): Config {
  try {
    return readConfig(process.env);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    for (const problem of thrown.problems) console.error(problem);
    process.exit(2);
  }
}

interface Engines {
  readonly table: ModelTable;
  readonly simulated: boolean;
  readonly close: () => Promise<void>;
}

/** The configured engines, or the simulator on a loopback port of its own. */
async function engines({ engine }: Config): Promise<Engines> {
  if (engine.kind === "engines") return { table: engine.table, simulated: false, close: async () => {} };
  const simulator = buildSimulator({ speed: engine.speed });
  const address = await simulator.listen({ port: 0, host: "127.0.0.1" });
  const target = { baseUrl: `${address}/v1`, model: L4_GEMMA_12B.model, concurrency: engine.concurrency };
  return {
    table: singleModelTable(target),
    simulated: true,
    close: async () => {
      await simulator.close();
    },
  };
}

function reportProgress(log: Logger, say: Say) {
  return ({ name, ready, reason, cause }: WarmUpState) => {
    if (ready) log.info({ name, reason }, "warm");
    else if (WATCHED) say(`${name} is not ready: ${reason}`);
    else log.warn({ name, reason, err: cause }, "not warm");
  };
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

async function main(): Promise<void> {
  const config = configuration();
  const log = pino({ level: config.logLevel ?? (WATCHED ? "warn" : "info") });
  const say: Say = (line, fields = {}) => {
    if (WATCHED) console.log(line);
    else log.info(fields, line);
  };

  const { table, simulated, close: closeEngines } = await engines(config);
  const { engineApiKey: apiKey, engineTimeoutMs: timeoutMs } = config;
  const models = new ModelPool({ table, apiKey, timeoutMs });
  const operations = new Operations({ slaTtftMs: config.slaTtftMs });
  const access = new Access({ tokens: config.serviceTokens, host: config.host });
  const readiness = new Readiness({
    warmUps: modelWarmUps(models.models),
    onProgress: reportProgress(log, say),
  });
  const gpu = config.gpuMetricsUrl === undefined ? undefined : new GpuUtilization(config.gpuMetricsUrl);
  const healthChecks = selectedChecks(
    [engineCheck(readiness), ...machineChecks(), ...(gpu === undefined ? [] : [gpuCheck(gpu)])],
    config.healthChecks,
  );
  const app = await buildServer({ ...config, logger: log, models, readiness, operations, access, healthChecks, gpu });

  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (thrown) {
    console.error(listenErrorMessage(thrown, config.port, "npm start"));
    process.exit(1);
  }
  readiness.start();
  gpu?.start();

  const address = app.server.address();
  const port = isAddress(address) ? address.port : config.port;
  const engine = simulated ? "simulated engine" : models.models.map((model) => model.baseUrl).join(", ");
  say(`listening on http://localhost:${port} (${engine}); try / and /docs, stop with Ctrl-C`, { port, simulated });

  const whoIsLetIn = accessLine(access.policy);
  if (whoIsLetIn !== undefined) say(whoIsLetIn, { policy: access.policy });

  const { preStopMs, drainTimeoutMs } = config;
  const exit = exitOnSignals({
    log,
    timeoutMs: preStopMs + drainTimeoutMs,
    onStopping: (signal) => say(`${signal}: finishing what is in flight; again to leave at once`, { signal }),
    stop: async (reason) => {
      const { lifecycle, work } = operations;
      await drain({ app, lifecycle, work, reason, ...drainTimes(config, reason), log });
      await preemption.stop();
      await readiness.stop();
      gpu?.stop();
      await models.close();
      await closeEngines();
    },
  });
  const preemption = watchPreemption(config, { operations, exit, log });
}

void main();
