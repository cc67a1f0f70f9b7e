import fastifyPlugin from "fastify-plugin";
import { PATHS } from "../../contract/endpoints";
import type { Lifecycle } from "../../operations/lifecycle";
import { AppError } from "../../shared/errors/app-error";

const PROBES: ReadonlySet<string> = new Set([PATHS.live, PATHS.ready, PATHS.healthz, PATHS.health, PATHS.metrics]);

/**
 * While the instance drains, every answer closes its connection, so that the balancer's next request goes elsewhere;
 * once the listener is closed, requests on connections that are still open are refused. Probes are always answered.
 */
export const drainGate = fastifyPlugin<{ readonly lifecycle: Lifecycle }>(
  async (app, { lifecycle }) => {
    app.addHook("onRequest", (request, reply, done) => {
      if (lifecycle.phase === "serving") {
        done();
        return;
      }
      reply.header("connection", "close");
      const refused = lifecycle.phase === "closing" && !PROBES.has(request.routeOptions.url ?? "");
      done(refused ? new AppError("DRAINING", { retryAfterSeconds: 1 }) : undefined);
    });
  },
  { name: "drain-gate" },
);
