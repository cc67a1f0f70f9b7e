import { TASK_NAMES, TASKS, type Task, tableOf, tasksOf } from "../app/src/contract/tasks";
import { gatewayCount } from "../planning/gateway-count";
import { imageReference } from "../planning/images";
import type { Workload } from "../planning/names";
import type { ServingUnitProps } from "../planning/serving-unit";
import type { Settings } from "../settings/schema/settings";
import type { Environment } from "./environment";
import { sharedStores } from "./store-addresses";

/**
 * What every machine and every pod of an environment has in common.
 * @param account that the gateway acts as
 */
export function unitProps(
  environment: Environment,
  account: Workload,
): Omit<ServingUnitProps, "engines" | "topology" | "reportLoad" | "preemptible"> {
  const { settings, names } = environment;
  const { routes, images } = settings;
  return {
    appPort: settings.appPort,
    images: {
      app: imageReference(names, images.app),
      engine: imageReference(names, images.engine),
      dcgmExporter: imageReference(names, images.dcgmExporter),
      nodeExporter: imageReference(names, images.nodeExporter),
    },
    modelSource: settings.modelSource === "gcs" ? { kind: "gcs", bucket: names.bucket("models") } : { kind: "image" },
    tasks: tableOf(TASK_NAMES, (task) => routes[TASKS[task].routeClass].model),
    fallbacks: fallbacks(routes),
    grace: settings.grace,
    gateways: gatewayCount(settings.groups, settings.kubernetes),
    stores: sharedStores(environment, account),
    serviceTokens: settings.serviceTokens,
    adapterBucket: names.bucket("adapters"),
    embeddings: settings.embeddings ?? undefined,
  };
}

function fallbacks(routes: Settings["routes"]): Partial<Record<Task, Task>> {
  const found: Partial<Record<Task, Task>> = {};
  for (const task of TASK_NAMES) {
    const { fallback } = routes[TASKS[task].routeClass];
    if (fallback !== undefined) found[task] = tasksOf(fallback)[0];
  }
  return found;
}
