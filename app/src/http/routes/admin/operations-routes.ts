import type { FastifyPluginAsync } from "fastify";
import type { ModelPool } from "../../../engines/client/model-pool";
import { enginesView } from "../../../operations/activity/engines-view";
import type { Operations } from "../../../operations/operations";
import { activityRoutes } from "./activity";
import { degradedRoutes } from "./degraded";
import { drainRoutes } from "./drain";
import { goodputRoutes } from "./goodput";

export interface OperationsRoutesOptions {
  readonly operations: Operations;
  readonly models: ModelPool;
}

/** Operator's routes of this one instance: behind a load balancer, each instance is called by its own address. */
export const operationsRoutes: FastifyPluginAsync<OperationsRoutesOptions> = async (app, { operations, models }) => {
  await app.register(drainRoutes, { operations });
  await app.register(degradedRoutes, { degraded: operations.degraded });
  await app.register(goodputRoutes, { goodput: operations.goodput });
  await app.register(activityRoutes, {
    operations,
    engines: enginesView(models),
  });
};
