import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { PATHS } from "../../contract/endpoints";
import { ENV } from "../../contract/variables";
import type { HealthMonitor } from "../../operations/health/health-check";
import type { Readiness } from "../../operations/health/readiness";
import type { Lifecycle } from "../../operations/lifecycle";
import { AppError } from "../../shared/errors/app-error";
import { errorSchema } from "../errors/schema";

/** `Retry-After` of a starting or draining instance, in seconds: the balancer's interval. */
const RETRY_SECONDS = 5;

const readySchema = z.object({ status: z.literal("ready") });

const healthSchema = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  timestamp: z.iso.datetime(),
  checks: z.record(z.string(), z.boolean()).describe(`Those of ${ENV.healthChecks} that are configured, by name`),
  reasons: z.record(z.string(), z.string()).describe("What each check saw"),
});

/** FastAPI's shape of `HTTPException(503, detail=checks)`. */
const unhealthySchema = z.object({ detail: healthSchema, code: z.string(), request_id: z.string() });

export interface HealthRoutesOptions {
  readonly lifecycle: Lifecycle;
  readonly readiness: Readiness;
  readonly monitor: HealthMonitor;
}

/**
 * Probe routes. None calls an engine: a slow engine must not make the process look dead. Ready is about this instance
 * alone; stores that all instances share are in `/health`, which takes nothing out of traffic.
 */
export const healthRoutes: FastifyPluginAsyncZod<HealthRoutesOptions> = async (app, options) => {
  const { lifecycle, readiness, monitor } = options;

  function assertReady(): void {
    if (lifecycle.phase !== "serving") throw new AppError("DRAINING", { retryAfterSeconds: RETRY_SECONDS });
    if (readiness.ready) return;
    throw new AppError("NOT_READY", { params: { reason: readiness.reason }, retryAfterSeconds: RETRY_SECONDS });
  }

  for (const [url, summary] of [
    [PATHS.healthz, "Whether this instance may get traffic (asked by the load balancer)"],
    [PATHS.ready, "The same as /healthz, under the name that Kubernetes users expect"],
  ] as const) {
    app.get(
      url,
      { logLevel: "fatal", schema: { tags: ["health"], summary, response: { 200: readySchema, 503: errorSchema } } },
      async () => {
        assertReady();
        return { status: "ready" as const };
      },
    );
  }

  app.get(
    PATHS.live,
    {
      logLevel: "warn",
      schema: {
        tags: ["health"],
        summary: "200 while the process can answer at all, also while it drains",
        response: { 200: z.object({ status: z.literal("live") }) },
      },
    },
    async () => ({ status: "live" as const }),
  );

  app.get(
    PATHS.health,
    {
      logLevel: "warn",
      schema: {
        tags: ["health"],
        summary: "Every check on its own; 503 when any fails or the instance drains",
        response: { 200: healthSchema, 503: unhealthySchema },
      },
    },
    async (request: FastifyRequest, reply: FastifyReply) => {
      const results = [...(await monitor.results())];
      const healthy = lifecycle.phase === "serving" && results.every(([, { ok }]) => ok);
      const body = {
        status: healthy ? ("healthy" as const) : ("unhealthy" as const),
        timestamp: new Date().toISOString(),
        checks: Object.fromEntries(results.map(([name, { ok }]) => [name, ok])),
        reasons: {
          ...Object.fromEntries(results.map(([name, { reason }]) => [name, reason])),
          ...(lifecycle.phase !== "serving" && { lifecycle: "draining" }),
        },
      };
      if (healthy) return body;
      return reply.code(503).send({ detail: body, code: "UNHEALTHY", request_id: request.id });
    },
  );
};
