import type { Recording } from "../rules/recording";
import { sloRecordings } from "../slo/burn-rate";
import { OBJECTIVES } from "../slo/objective";
import { SLO_ALERTS } from "../slo/slo-alerts";
import type { Alert } from "./alert";
import { ENGINE_ALERTS } from "./engine-alerts";
import { GPU_ALERTS } from "./gpu-alerts";
import { NODE_ALERTS } from "./node-alerts";
import { PLATFORM_ALERTS } from "./platform-alerts";
import { SERVICE_ALERTS } from "./service-alerts";
import { STORE_ALERTS } from "./store-alerts";

/** Rules that Prometheus evaluates one after another: what is recorded comes before the alerts that read it. */
export interface RuleGroup {
  /** kebab-case: names its file too. */
  readonly name: string;
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
}

export const RULE_GROUPS: readonly RuleGroup[] = [
  { name: "slo", recordings: sloRecordings(OBJECTIVES), alerts: SLO_ALERTS },
  { name: "service", recordings: [], alerts: SERVICE_ALERTS },
  { name: "engine", recordings: [], alerts: ENGINE_ALERTS },
  { name: "gpu", recordings: [], alerts: GPU_ALERTS },
  { name: "store", recordings: [], alerts: STORE_ALERTS },
  { name: "node", recordings: [], alerts: NODE_ALERTS },
  { name: "platform", recordings: [], alerts: PLATFORM_ALERTS },
];

export const ALERTS: readonly Alert[] = RULE_GROUPS.flatMap((group) => group.alerts);
