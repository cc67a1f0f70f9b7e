import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config";
import { VERSION } from "../contract/version";
import { openAdapters } from "../engines/adapters/open-adapters";
import type { ModelPool } from "../engines/client/model-pool";
import { openModels } from "../engines/client/open-models";
import { Access } from "../http/auth/access";
import { type LocalToken, openLocalToken } from "../http/auth/local-token";
import { engineCheck, gpuCheck } from "../operations/health/engine-check";
import { selectedChecks } from "../operations/health/health-check";
import { diskOf, machineChecks } from "../operations/health/machine-checks";
import { modelWarmUps } from "../operations/health/model-warm-up";
import { Readiness } from "../operations/health/readiness";
import type { WarmUpState } from "../operations/health/warm-up";
import { GpuUtilization } from "../operations/load/gpu-utilization";
import { Operations } from "../operations/operations";
import { openTracing } from "../operations/tracing/open-tracing";
import { openRetrieval } from "../retrieval/open-retrieval";
import { openStores } from "../stores/open-stores";
import { openEngines } from "./open-engines";
import type { Output } from "./output";
import { embeddingWarmUp, retrievalChecks } from "./retrieval-checks";
import { buildServer } from "./server";
import { storeChecks } from "./store-checks";

/** A gateway with everything that it works with; nothing listens and nothing runs in the background yet. */
export interface Gateway {
  readonly app: FastifyInstance;
  readonly access: Access;
  /** The token of a developer's gateway. @default tokens are configured, or nobody is let in */
  readonly localToken: LocalToken | undefined;
  readonly models: ModelPool;
  readonly operations: Operations;
  /** Whether the simulator answers. */
  readonly simulated: boolean;
  /** Begins what runs in the background: warm-ups, adapters, the GPU's load. */
  start(): void;
  /** Stops that and closes everything but the server, which a drain closes. */
  close(): Promise<void>;
}

function reportProgress({ log, say, watched }: Output) {
  return ({ name, ready, reason, cause }: WarmUpState) => {
    if (ready) log.info({ name, reason }, "warm");
    else if (watched) say(`${name} is not ready: ${reason}`);
    else log.warn({ name, reason, err: cause }, "not warm");
  };
}

/**
 * Opens engines, stores and retrieval, and builds the server on them.
 * @throws ConfigError where a configured part cannot be had
 */
export async function openGateway(config: Config, output: Output): Promise<Gateway> {
  const { log, say } = output;
  const tracing = await openTracing({ endpoint: config.otlpEndpoint, version: VERSION });
  const localToken = openLocalToken(config);
  const { table, simulated, close: closeEngines } = await openEngines(config);
  const operations = new Operations({ slaTtftMs: config.slaTtftMs, enginesDown: (task) => models.down(task) });
  const { dependencies } = operations;
  const models = await openModels({
    config,
    table,
    simulated,
    degraded: () => operations.degraded.active,
    onServed: (event) => operations.served(event),
    onTokenizerLost: (reason) => log.error({ err: reason }, "tokenizer lost: prompts are estimated from now on"),
  });
  const stores = await openStores({
    config,
    onProgress: say,
    onState: (store, up) => dependencies.set(store, up),
  });
  const adapters = openAdapters({ config, stores, models, log });
  const retrieval = await openRetrieval({ config, onProgress: say, onState: (up) => dependencies.set("vectors", up) });
  const access = new Access({ tokens: config.serviceTokens, local: localToken });
  const readiness = new Readiness({
    warmUps: [...modelWarmUps(models.models), embeddingWarmUp(retrieval)],
    onProgress: reportProgress(output),
  });
  const gpu = config.gpuMetricsUrl === undefined ? undefined : new GpuUtilization(config.gpuMetricsUrl);
  const embedded = stores.databaseKind === "embedded" || retrieval.storeKind === "lancedb";
  const checks = [
    engineCheck(readiness),
    ...machineChecks(diskOf(config.stores.dataDir, embedded)),
    ...storeChecks(stores),
    ...retrievalChecks(retrieval),
  ];
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
    gpu,
    tracing: tracing.enabled,
    healthChecks: selectedChecks(gpu === undefined ? checks : [...checks, gpuCheck(gpu)], config.healthChecks),
  });
  return {
    app,
    access,
    localToken,
    models,
    operations,
    simulated,
    start() {
      readiness.start();
      adapters?.start();
      gpu?.start();
    },
    // Callers close before what they call.
    async close() {
      await readiness.stop();
      await adapters?.stop();
      gpu?.stop();
      await models.close();
      await closeEngines();
      await retrieval.close();
      await stores.close();
      await tracing.close();
    },
  };
}
