import type { ChartImageRegistry } from "../../planning/charts";
import type { RegistryMirror } from "../../planning/names";

/** Upstream registry → the repository that mirrors it, as `HOST/PROJECT/REPOSITORY` without a trailing slash. */
export type MirrorRegistries = Readonly<Record<ChartImageRegistry | RegistryMirror, string>>;
