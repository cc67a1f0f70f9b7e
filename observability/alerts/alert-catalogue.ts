import type { Alert } from "../rules/alert";
import type { Recording } from "../rules/recording";
import { sloRecordings } from "../slo/burn-rate";
import { OBJECTIVES } from "../slo/objective";
import { SLO_ALERTS } from "../slo/slo-alerts";
import { CLUSTER_ALERTS } from "./cluster-alerts";
import { ENGINE_ALERTS } from "./engine-alerts";
import { GATEWAY_ALERTS } from "./gateway-alerts";
import { GPU_ALERTS } from "./gpu-alerts";
import { NODE_ALERTS } from "./node-alerts";
import { PLATFORM_ALERTS } from "./platform-alerts";
import { SERVICE_ALERTS } from "./service-alerts";
import { SITE_ALERTS } from "./site-alerts";
import { START_ALERTS } from "./start-alerts";
import { STORE_ALERTS } from "./store-alerts";

/** Rules that Prometheus evaluates one after another: what is recorded comes before the alerts that read it. */
export interface RuleGroup {
  /** kebab-case: names its file too. */
  readonly name: string;
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
}

export const RULE_GROUPS: readonly RuleGroup[] = [
  // A group each: promtool evaluates all of a file in every one of its tests.
  ...OBJECTIVES.map((objective) => ({
    name: `slo-${objective.name}`,
    recordings: sloRecordings(objective),
    alerts: SLO_ALERTS.filter((alert) => alert.objective === objective.name),
  })),
  { name: "service", recordings: [], alerts: SERVICE_ALERTS },
  { name: "gateway", recordings: [], alerts: GATEWAY_ALERTS },
  { name: "engine", recordings: [], alerts: ENGINE_ALERTS },
  { name: "start", recordings: [], alerts: START_ALERTS },
  { name: "gpu", recordings: [], alerts: GPU_ALERTS },
  { name: "store", recordings: [], alerts: STORE_ALERTS },
  { name: "node", recordings: [], alerts: NODE_ALERTS },
  { name: "site", recordings: [], alerts: SITE_ALERTS },
  { name: "cluster", recordings: [], alerts: CLUSTER_ALERTS },
  { name: "platform", recordings: [], alerts: PLATFORM_ALERTS },
];

export const ALERTS: readonly Alert[] = RULE_GROUPS.flatMap((group) => group.alerts);
