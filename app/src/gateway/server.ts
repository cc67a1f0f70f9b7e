import type { FastifyInstance } from "fastify";
import { NEWEST_PROMPT_VERSION, type PromptVersion } from "../config/prompt-version";
import { PATHS } from "../contract/endpoints";
import { TASK_NAMES } from "../contract/tasks";
import { VERSION } from "../contract/version";
import type { AdapterService } from "../engines/adapters/adapter-service";
import { BASE_MODEL_ONLY } from "../engines/adapters/adapter-serving";
import type { AccessControl } from "../http/auth/access";
import { requireRole } from "../http/auth/require-role";
import { errorHandler } from "../http/errors/error-handler";
import { landingRoutes } from "../http/landing/landing-routes";
import { admission } from "../http/plugins/admission";
import { cors } from "../http/plugins/cors";
import { describeRefusals } from "../http/plugins/describe-refusals";
import { drainGate } from "../http/plugins/drain-gate";
import { loadHeader, loadReport } from "../http/plugins/load-report";
import { observeRequests } from "../http/plugins/observe-requests";
import { oneHost } from "../http/plugins/one-host";
import { openapi } from "../http/plugins/openapi";
import { requestIdentity } from "../http/plugins/request-identity";
import { adapterRoutes } from "../http/routes/admin/adapters";
import { operationsRoutes } from "../http/routes/admin/operations-routes";
import { healthRoutes } from "../http/routes/health";
import { metricsRoutes } from "../http/routes/metrics";
import { EventStreams } from "../http/streams/event-streams";
import { type HealthCheck, HealthMonitor } from "../operations/health/health-check";
import type { GpuUtilization } from "../operations/load/gpu-utilization";
import { traceRequests } from "../operations/tracing/trace-requests";
import type { Retrieval } from "../retrieval/retrieval";
import type { Stores } from "../stores/open-stores";
import { chatModelRoutes } from "../tasks/chat/models-route";
import { createHttpServer, type HttpServerOptions } from "./http-server";
import { type OpenMetricsOptions, openMetrics } from "./open-metrics";
import { openTaskParts } from "./open-task-parts";
import { TASK_ROUTES } from "./task-routes";

export interface ServerOptions extends HttpServerOptions, OpenMetricsOptions {
  /** What `/health` looks at. */
  readonly healthChecks: readonly HealthCheck[];
  /** Milliseconds of event-loop delay from which generation requests are refused; 0 refuses none. */
  readonly shedEventLoopMs: number;
  readonly access: AccessControl;
  /** Origins whose pages may call this server. @default none */
  readonly corsOrigins?: readonly string[];
  /** @default the base models answer everything, and there are no routes for adapters */
  readonly adapters?: AdapterService | undefined;
  readonly stores: Pick<Stores, "database" | "coordination" | "responseCache"> & Partial<Pick<Stores, "databaseKind">>;
  readonly retrieval: Retrieval;
  /** Serve `/docs` and `/openapi.json`. */
  readonly docs: boolean;
  /** Estimated tokens of a rendered prompt, context included. */
  readonly promptBudgetTokens: number;
  /** Of which retrieved notes may take; 0 leaves retrieval out. */
  readonly contextBudgetTokens: number;
  /** @default the newest */
  readonly promptVersion?: PromptVersion | undefined;
  /** A span for every request. @default no requests are traced */
  readonly tracing?: boolean | undefined;
  /** @default no answer reports load */
  readonly gpu?: GpuUtilization | undefined;
}

/** The gateway, not yet listening. Closing it closes none of the parts in `options`. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { access, adapters, operations, readiness, models, bodyLimitBytes } = options;
  const { lifecycle } = operations;
  const app = createHttpServer(options);
  const metrics = openMetrics(options);
  if (options.tracing) await app.register(traceRequests);
  await app.register(requestIdentity);
  await app.register(observeRequests, { metrics });
  await app.register(errorHandler, { bodyLimitBytes });
  await app.register(oneHost);
  await app.register(describeRefusals);
  const { corsOrigins = [] } = options;
  if (corsOrigins.length > 0) await app.register(cors, { origins: corsOrigins });
  await app.register(drainGate, { lifecycle });
  // With the request, not with the answer: streams are written past Fastify's answers.
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("x-content-type-options", "nosniff").header("referrer-policy", "no-referrer");
    done();
  });
  const load = options.gpu && loadHeader(models, options.gpu);
  if (load !== undefined) await app.register(loadReport, { header: load });
  if (options.docs) await app.register(openapi, { version: VERSION });

  await app.register(healthRoutes, { lifecycle, readiness, monitor: new HealthMonitor(options.healthChecks) });
  await app.register(metricsRoutes, { metrics });
  await app.register(landingRoutes);
  await app.register(
    async (scope) => {
      requireRole(scope, access, "admin");
      await scope.register(operationsRoutes, { operations, models });
      if (adapters !== undefined) await scope.register(adapterRoutes, { adapters });
    },
    { prefix: PATHS.admin },
  );
  const streams = new EventStreams({ lifecycle, headers: load });
  const tasks = openTaskParts({
    models,
    adapters: adapters ?? BASE_MODEL_ONLY,
    stores: options.stores,
    retrieval: options.retrieval,
    streams,
    degraded: operations.degraded,
    promptVersion: options.promptVersion ?? NEWEST_PROMPT_VERSION,
    promptBudgetTokens: options.promptBudgetTokens,
    contextBudgetTokens: options.contextBudgetTokens,
    registry: metrics.registry,
    log: app.log,
  });
  app.addHook("onListen", async () => {
    streams.start();
    tasks.start();
  });
  app.addHook("onClose", async () => {
    streams.stop();
    await tasks.stop();
  });
  // A scope of their own, so that admission never holds up a probe.
  await app.register(async (scope) => {
    requireRole(scope, access, "service");
    await scope.register(admission, { operations, maxEventLoopDelayMs: options.shedEventLoopMs });
    for (const task of TASK_NAMES) await scope.register(TASK_ROUTES[task], tasks.parts);
  });
  await app.register(async (scope) => {
    requireRole(scope, access, "service");
    await scope.register(chatModelRoutes, { models });
  });
  await app.ready();
  return app;
}
