import demo from "./environments/demo";
import production from "./environments/production";
import { applyOverrides } from "./overrides";
import { parseSettings } from "./parse";
import type { Settings } from "./schema/settings";

/** Every environment, in the order in which they are shown. A new file of `environments/` is listed here. */
const ENVIRONMENTS: readonly unknown[] = [demo, production];

/**
 * Reads and checks every environment, with what CI supplies by `TERRACE_*` variables laid over.
 * @throws SettingsError on the first environment with a mistake, listing all of that environment's mistakes.
 */
export function loadEnvironments(variables: Readonly<Record<string, string | undefined>>): readonly Settings[] {
  return applyOverrides(ENVIRONMENTS, variables).map(parseSettings);
}
