import type { AddressInfo } from "node:net";
import { type Logger, pino } from "pino";
import { openAdapters } from "./adapters/open-adapters";
import { Access, accessLine } from "./auth/access";
import { type Config, ConfigError, readConfig } from "./config/config";
import { type ModelTable, singleModelTable } from "./engine/model-table";
import { openModels } from "./engine/open-models";
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
import { LOG_MASKING } from "./redaction/log-masking";
import { embeddingWarmUp, retrievalChecks } from "./retrieval/health";
import { openRetrieval } from "./retrieval/open-retrieval";
import { buildServer } from "./server";
import { drain, drainTimes, exitOnSignals } from "./shutdown";
import { embeddedSimulator } from "./simulator/embedded";
import { L4_GEMMA_12B } from "./simulator/timing";
import { storeChecks } from "./stores/health-checks";
import { openStores } from "./stores/open-stores";
import { migrateCommand } from "./stores/postgres/migrate-command";
import { openTracing } from "./tracing/open-tracing";
import { VERSION } from "./version";

/** A person watches: one line for what matters. Otherwise everything is JSON. */
const WATCHED = process.stdout.isTTY === true;

/** Says something to whoever is there: a line on a terminal, a log entry elsewhere. */
type Say = (line: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A wrong configuration ends the process with code 2 and a line for each mistake, before anything listens. */
function exitIfMisconfigured(thrown: unknown): never {
  if (!(thrown instanceof ConfigError)) throw thrown;
  for (const problem of thrown.problems) console.error(problem);
  process.exit(2);
}

function configuration(): Config {
  try {
    return readConfig(process.env);
  } catch (thrown) {
    return exitIfMisconfigured(thrown);
  }
}

interface Engines {
  readonly table: ModelTable;
  readonly simulated: boolean;
  readonly close: () => Promise<void>;
}

/** The configured engines, or the simulator on a loopback port of its own. */
async function engines({ engine, adapters }: Config): Promise<Engines> {
  if (engine.kind === "engines") return { table: engine.table, simulated: false, close: async () => {} };
  const simulator = embeddedSimulator({ speed: engine.speed, maxLoras: adapters.maxLoras });
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

async function serve(config: Config): Promise<void> {
  const log = pino({ ...LOG_MASKING, level: config.logLevel ?? (WATCHED ? "warn" : "info") });
  const say: Say = (line, fields = {}) => {
    if (WATCHED) console.log(line);
    else log.info(fields, line);
  };
  const warn: Say = (line, fields = {}) => {
    if (WATCHED) console.warn(line);
    else log.warn(fields, line);
  };

  const tracing = await openTracing({ endpoint: config.otlpEndpoint, version: VERSION });
  const { table, simulated, close: closeEngines } = await engines(config);
  const operations = new Operations({ slaTtftMs: config.slaTtftMs, enginesDown: (task) => models.down(task) });
  const models = await openModels({
    ...{ config, table, simulated },
    degraded: () => operations.degraded.active,
    onServed: (event) => operations.served(event),
    onTokenizerLost: (reason) => log.error({ err: reason }, "tokenizer lost: prompts are estimated from now on"),
  });
  const stores = await openStores({
    config,
    onProgress: say,
    onState: (store, up) => operations.dependencies.set(store, up),
  }).catch(exitIfMisconfigured);
  const adapters = openAdapters({ config, stores, models, log });
  const retrieval = await openRetrieval({
    config,
    onProgress: say,
    onState: (up) => operations.dependencies.set("vectors", up),
  }).catch(exitIfMisconfigured);
  const access = new Access({ tokens: config.serviceTokens, host: config.host });
  const readiness = new Readiness({
    warmUps: [...modelWarmUps(models.models), embeddingWarmUp(retrieval)],
    onProgress: reportProgress(log, say),
  });
  const gpu = config.gpuMetricsUrl === undefined ? undefined : new GpuUtilization(config.gpuMetricsUrl);
  const healthChecks = selectedChecks(
    [
      engineCheck(readiness),
      ...machineChecks(),
      ...storeChecks(stores),
      ...retrievalChecks(retrieval),
      ...(gpu === undefined ? [] : [gpuCheck(gpu)]),
    ],
    config.healthChecks,
  );
  const app = await buildServer({
    ...config,
    contextBudgetTokens: config.retrieval.contextBudgetTokens,
    logger: log,
    models,
    readiness,
    operations,
    access,
    adapters,
    stores,
    retrieval,
    tracing: tracing.enabled,
    healthChecks,
    gpu,
  });

  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (thrown) {
    console.error(listenErrorMessage(thrown, config.port, "npm start"));
    await retrieval.close();
    await stores.close();
    process.exit(1);
  }
  readiness.start();
  adapters?.start();
  gpu?.start();

  const address = app.server.address();
  const port = isAddress(address) ? address.port : config.port;
  const engine = simulated ? "simulated engine" : models.models.map((model) => model.baseUrl).join(", ");
  say(`listening on http://localhost:${port} (${engine}); try / and /docs, stop with Ctrl-C`, { port, simulated });

  const whoIsLetIn = accessLine(access.policy);
  if (whoIsLetIn !== undefined) (access.policy === "nobody" ? warn : say)(whoIsLetIn, { policy: access.policy });

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
      await adapters?.stop();
      gpu?.stop();
      await models.close();
      await closeEngines();
      await retrieval.close();
      await stores.close();
      await tracing.close();
    },
  });
  const preemption = watchPreemption(config, { operations, exit, log });
}

async function main([command, ...rest]: readonly string[]): Promise<void> {
  if (command === undefined) return serve(configuration());
  if (command === "migrate" && rest.length === 0) {
    process.exitCode = await migrateCommand(configuration(), console.log);
    return;
  }
  console.error(
    "Usage: terrace-app            serve\n       terrace-app migrate    bring PostgreSQL to this release's schema",
  );
  process.exitCode = 2;
}

void main(process.argv.slice(2));
