import { Names } from "../planning/names";
import type { Settings } from "../settings/schema/settings";

/** One environment: what its user wrote, and the names that follow from it. */
export interface Environment {
  readonly settings: Settings;
  readonly names: Names;
}

export function environmentOf(settings: Settings): Environment {
  return { settings, names: new Names(settings) };
}
