import type { Provisioning } from "../planning/provisioning";
import { type ServingUnit, servingUnit } from "../planning/serving-unit";
import type { GroupSettings } from "../settings/schema/settings";
import type { Environment } from "./environment";
import { unitProps } from "./unit-props";

/** What a machine of a group runs; one that may be reclaimed also watches for the notice. */
export function machineUnit(environment: Environment, group: GroupSettings, provisioning: Provisioning): ServingUnit {
  return servingUnit({
    ...unitProps(environment, "llm-vm"),
    engines: group.engines,
    reportLoad: environment.settings.balancing.mode === "custom-metrics",
    preemptible: provisioning === "spot",
  });
}
