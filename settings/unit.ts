import type { Task } from "../app/src/contract";
import { imageReference } from "../planning/images";
import type { Names, Workload } from "../planning/names";
import type { Provisioning } from "../planning/prices";
import { type ServingUnit, type ServingUnitProps, servingUnit } from "../planning/serving-unit";
import { gatewayCount } from "./gateways";
import type { GroupSettings, Settings } from "./settings";
import { sharedStores } from "./shared-stores";

/** Class of routes → the task of the app that answers it. */
const TASKS = { til: "til", news: "news", interview: "interview", api: "chat" } as const satisfies Readonly<
  Record<keyof Settings["routes"], Task>
>;

/**
 * What every machine and every pod of an environment has in common.
 * @param account whom the gateway acts as
 */
export function unitProps(
  settings: Settings,
  names: Names,
  account: Workload,
): Omit<ServingUnitProps, "engines" | "topology" | "reportLoad" | "preemptible"> {
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
    tasks: {
      til: routes.til.model,
      news: routes.news.model,
      interview: routes.interview.model,
      chat: routes.api.model,
    },
    fallbacks: fallbacks(routes),
    grace: settings.grace,
    gateways: gatewayCount(settings),
    stores: sharedStores(settings, names, account),
    serviceTokens: settings.serviceTokens,
    adapterBucket: names.bucket("adapters"),
    embeddings: settings.embeddings ?? undefined,
  };
}

function fallbacks(routes: Settings["routes"]): Partial<Record<Task, Task>> {
  const found: Partial<Record<Task, Task>> = {};
  for (const [route, task] of [
    [routes.til, TASKS.til],
    [routes.news, TASKS.news],
    [routes.interview, TASKS.interview],
    [routes.api, TASKS.api],
  ] as const) {
    if (route.fallback !== undefined) found[task] = TASKS[route.fallback];
  }
  return found;
}

/** What a machine of a group runs, from the settings; those that may be reclaimed also watch for the notice. */
export function unitOfGroup(
  settings: Settings,
  names: Names,
  group: GroupSettings,
  provisioning: Provisioning,
): ServingUnit {
  return servingUnit({
    ...unitProps(settings, names, "llm-vm"),
    engines: group.engines,
    reportLoad: settings.balancing.mode === "custom-metrics",
    preemptible: provisioning === "spot",
  });
}
