import { type Logger, pino } from "pino";
import { buildSimulator } from "../../simulator/src/simulator-server";
import { singleModelTable } from "../../src/config/model-table";
import type { PromptVersion } from "../../src/config/prompt-version";
import type { ServiceToken } from "../../src/contract/service-token";
import { ModelPool, type ModelPoolOptions } from "../../src/engines/client/model-pool";
import { buildServer } from "../../src/gateway/server";
import { Access, type AccessControl } from "../../src/http/auth/access";
import { engineCheck, gpuCheck } from "../../src/operations/health/engine-check";
import type { HealthCheck } from "../../src/operations/health/health-check";
import { diskOf, machineChecks } from "../../src/operations/health/machine-checks";
import { modelWarmUps } from "../../src/operations/health/model-warm-up";
import { Readiness } from "../../src/operations/health/readiness";
import type { WarmUp } from "../../src/operations/health/warm-up";
import { GpuUtilization } from "../../src/operations/load/gpu-utilization";
import { Operations } from "../../src/operations/operations";
import type { Retrieval } from "../../src/retrieval/retrieval";
import { loadSecretRules } from "./native-esm";
import { testRetrieval } from "./retrieval";
import { type TestStoresOptions, testStores } from "./stores";

export interface GatewayOptions {
  readonly baseUrl: string;
  /** Takes the model's name from the engine. @default false: the model is "m" */
  readonly unnamed?: boolean;
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  readonly apiKey?: string;
  readonly docs?: boolean;
  readonly bodyLimitBytes?: number;
  readonly promptBudgetTokens?: number;
  /** @default 2000 */
  readonly contextBudgetTokens?: number;
  /** @default the newest */
  readonly promptVersion?: PromptVersion;
  /** Warm up in the background, as the entry point does. @default false: the state stays "not ready" */
  readonly watch?: boolean;
  /** Where a DCGM exporter answers. @default no answer reports load */
  readonly gpuMetricsUrl?: string;
  /** Besides the models'. */
  readonly warmUps?: readonly WarmUp[];
  /** Besides engine, memory, disk and, where there is one, GPU. */
  readonly healthChecks?: readonly HealthCheck[];
  /** @default 0: load is never shed */
  readonly shedEventLoopMs?: number;
  /** Accepted bearer tokens. @default every request is an admin's, because the test is about something else */
  readonly tokens?: readonly ServiceToken[];
  /** @default no page of another origin is answered */
  readonly corsOrigins?: readonly string[];
  /** In the place of `tokens`. */
  readonly access?: AccessControl;
  /** Anything else about the models. @default as the model pool's own */
  readonly models?: Partial<ModelPoolOptions>;
  /** @default coordination within this process, no database, no cached answers */
  readonly stores?: TestStoresOptions;
  /** @default no vector store, hashed n-grams */
  readonly retrieval?: Retrieval;
  /** @default nothing is logged */
  readonly logger?: Logger;
}

const EVERYBODY: AccessControl = { callerOf: () => ({ name: "local", role: "admin", users: ["*"] }) };

/** A gateway that really listens, on a free port of the loopback interface. */
export async function startGateway(options: GatewayOptions) {
  await loadSecretRules();
  const target = {
    baseUrl: options.baseUrl,
    model: options.unnamed ? undefined : "m",
    concurrency: options.concurrency ?? 30,
  };
  const { apiKey, timeoutMs = 5_000 } = options;
  const operations = new Operations({ slaTtftMs: 2_000, enginesDown: (task) => models.down(task) });
  const models = new ModelPool({
    table: singleModelTable(target),
    apiKey,
    timeoutMs,
    onServed: (event) => operations.served(event),
    ...options.models,
  });
  const readiness = new Readiness({
    warmUps: [...modelWarmUps(models.models), ...(options.warmUps ?? [])],
    onProgress: () => {},
    retryMs: 20,
    probeMs: 20,
  });
  const gpu = options.gpuMetricsUrl === undefined ? undefined : new GpuUtilization(options.gpuMetricsUrl);
  const app = await buildServer({
    gpu,
    logger: options.logger ?? pino({ level: "silent" }),
    models,
    readiness,
    operations,
    healthChecks: [
      engineCheck(readiness),
      ...machineChecks(diskOf(".", false)),
      ...(gpu === undefined ? [] : [gpuCheck(gpu)]),
      ...(options.healthChecks ?? []),
    ],
    shedEventLoopMs: options.shedEventLoopMs ?? 0,
    access: options.access ?? (options.tokens === undefined ? EVERYBODY : new Access({ tokens: options.tokens })),
    corsOrigins: options.corsOrigins ?? [],
    stores: testStores(options.stores),
    retrieval: options.retrieval ?? testRetrieval(),
    docs: options.docs ?? true,
    bodyLimitBytes: options.bodyLimitBytes ?? 1024 * 1024,
    promptBudgetTokens: options.promptBudgetTokens ?? 6_000,
    contextBudgetTokens: options.contextBudgetTokens ?? 2_000,
    promptVersion: options.promptVersion,
    // Longer than a test leaves a connection idle, which it would close under the next request.
    keepAliveMs: 60_000,
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  if (options.watch) readiness.start();
  gpu?.start();
  return {
    url,
    app,
    gpu,
    models,
    operations,
    lifecycle: operations.lifecycle,
    readiness,
    post: (path: string, body: unknown, init: RequestInit = {}) =>
      fetch(url + path, {
        method: "POST",
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async close() {
      gpu?.stop();
      app.server.closeAllConnections();
      await app.close();
      await readiness.stop();
      await models.close();
    },
  };
}

export type RunningGateway = Awaited<ReturnType<typeof startGateway>>;

/** A gateway before a simulator that answers without delay. */
export async function startSimulatedGateway(options: Partial<GatewayOptions> = {}) {
  const simulator = buildSimulator({ speed: 0, model: "m" });
  const address = await simulator.listen({ port: 0, host: "127.0.0.1" });
  const gateway = await startGateway({ baseUrl: `${address}/v1`, ...options });
  return {
    ...gateway,
    async close() {
      await gateway.close();
      await simulator.close();
    },
  };
}
