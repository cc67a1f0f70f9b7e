import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { PATHS } from "../../contract/endpoints";
import type { GatewayMetrics } from "../../operations/metrics";

/** `GET /metrics` in Prometheus' text format. */
export const metricsRoutes: FastifyPluginAsyncZod<{ readonly metrics: GatewayMetrics }> = async (app, { metrics }) => {
  const { contentType } = metrics.registry;
  app.get(
    PATHS.metrics,
    {
      logLevel: "warn",
      schema: {
        tags: ["health"],
        summary: "Metrics of this process in Prometheus' text format",
        response: { 200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } } },
      },
    },
    async (_request, reply) => reply.type(contentType).send(await metrics.registry.metrics()),
  );
};
