import { imageReference } from "../planning/images";
import type { Names } from "../planning/names";
import { type ServingUnit, type ServingUnitProps, servingUnit } from "../planning/serving-unit";
import type { GroupSettings, Settings } from "./settings";

/** What every machine and every pod of an environment has in common. */
export function unitProps(
  settings: Settings,
  names: Names,
): Omit<ServingUnitProps, "engines" | "topology" | "reportLoad"> {
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
    grace: settings.grace,
  };
}

/** What each machine of a group runs, from the settings. */
export function unitOfGroup(settings: Settings, names: Names, group: GroupSettings): ServingUnit {
  return servingUnit({
    ...unitProps(settings, names),
    engines: group.engines,
    reportLoad: settings.balancing.mode === "custom-metrics",
  });
}
