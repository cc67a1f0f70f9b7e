import { graceChain, PREEMPTION_NOTICE_SECONDS } from "../../planning/grace";
import { HEALTH_CHECK } from "../../planning/load-balancer-check";
import { machinesOf } from "../../planning/machine-groups";
import { rule } from "./rule";

/** The grace chain adds up, and fits the notice that a Spot VM gets where there is one. */
export const graceRules = [
  rule(["groups", "grace"], ({ groups, grace }) => {
    const chain = graceChain({
      ...grace,
      healthCheck: HEALTH_CHECK,
      ...(groups.some((group) => machinesOf(group, "spot").max > 0)
        ? { preemptionNoticeSeconds: PREEMPTION_NOTICE_SECONDS.vm }
        : {}),
    });
    if (chain.ok) return [];
    return chain.problems.map(({ field, value, needed, why }) => ({
      path: field === "chain" ? "grace" : `grace.${field}`,
      value,
      rule: `does not add up: ${why}`,
      fix: field === "chain" ? `shorten them to ${needed} seconds in all` : `raise it to ${needed}`,
    }));
  }),
];
