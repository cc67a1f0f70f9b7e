import type { ChartImageRegistry } from "../../planning/charts";
import type { RegistryMirror } from "../../planning/names";

/** Upstream registry → its mirror, as `HOST/PROJECT/REPOSITORY`. */
export type MirrorRegistries = Readonly<Record<ChartImageRegistry | RegistryMirror, string>>;
