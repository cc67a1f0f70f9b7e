import { imageReference } from "../planning/images";
import type { Names } from "../planning/names";
import { type ServingUnit, servingUnit } from "../planning/serving-unit";
import type { GroupSettings, Settings } from "./schema";

/** What each machine of a group runs, from the settings. */
export function unitOfGroup(settings: Settings, names: Names, group: GroupSettings): ServingUnit {
  const { routes, images } = settings;
  return servingUnit({
    appPort: settings.appPort,
    images: {
      app: imageReference(names, images.app),
      engine: imageReference(names, images.engine),
      dcgmExporter: imageReference(names, images.dcgmExporter),
      nodeExporter: imageReference(names, images.nodeExporter),
    },
    modelSource: settings.modelSource === "gcs" ? { kind: "gcs", bucket: names.bucket("models") } : { kind: "image" },
    engines: group.engines,
    tasks: {
      til: routes.til.model,
      news: routes.news.model,
      interview: routes.interview.model,
      chat: routes.api.model,
    },
    grace: settings.grace,
    reportLoad: settings.balancing.mode === "custom-metrics",
  });
}
