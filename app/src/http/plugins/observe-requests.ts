import fastifyPlugin from "fastify-plugin";
import { TASK_PATHS } from "../../contract/tasks";
import { countedStatus } from "../../operations/counted-status";
import type { GatewayMetrics } from "../../operations/metrics";
import { AppError, REFUSAL_STATUSES } from "../../shared/errors/app-error";

/** Label of requests that no route takes: their paths are the client's to invent. */
const UNMATCHED = "unmatched";
const GENERATION_ROUTES: ReadonlySet<string> = new Set(TASK_PATHS);

/** Counts and times every request, by route template. */
export const observeRequests = fastifyPlugin<{ readonly metrics: GatewayMetrics }>(
  async (app, { metrics }) => {
    app.addHook("onRoute", ({ url, method }) => {
      if (method === "POST" && GENERATION_ROUTES.has(url)) metrics.expect(url, method);
    });

    // Not onResponse, which Fastify does not call when the client leaves before the answer.
    app.addHook("onRequest", (request, reply, done) => {
      reply.raw.once("close", () => {
        const route = request.routeOptions.url ?? UNMATCHED;
        const method = route === UNMATCHED ? "-" : request.method;
        metrics.request(route, method, countedStatus(request, reply), reply.elapsedTime / 1000);
      });
      done();
    });

    app.addHook("onError", async (request, _reply, error) => {
      const route = request.routeOptions.url ?? UNMATCHED;
      if (!(error instanceof AppError) || !REFUSAL_STATUSES.has(error.status) || !GENERATION_ROUTES.has(route)) return;
      metrics.rejected(route, error.code);
    });
  },
  { name: "observe-requests" },
);
