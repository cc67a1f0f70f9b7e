import type { SettingsProblem } from "../schema/problems";
import type { Settings } from "../schema/settings";
import { budgetRules } from "./budget";
import { capacityRules } from "./capacity";
import { changingRules } from "./changing";
import { clusterNetworkRules } from "./cluster-network";
import { gatewayRules } from "./gateways";
import { graceRules } from "./grace";
import { kubernetesRules } from "./kubernetes";
import { networkRules } from "./network";
import { placementRules } from "./placement";
import { podRules } from "./pods";
import { profileRules } from "./profile";
import { watchdogRules } from "./watchdog";

const RULES = [
  ...placementRules,
  ...changingRules,
  ...capacityRules,
  ...networkRules,
  ...graceRules,
  ...profileRules,
  ...kubernetesRules,
  ...clusterNetworkRules,
  ...podRules,
  ...gatewayRules,
  ...watchdogRules,
  ...budgetRules,
];

/** Every broken rule among the sections that are there. */
export function brokenRules(sections: Partial<Settings>): SettingsProblem[] {
  return RULES.flatMap((check) => [...check(sections)]);
}
