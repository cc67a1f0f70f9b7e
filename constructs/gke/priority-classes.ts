import { PriorityClassV1 } from "@cdktf/provider-kubernetes/lib/priority-class-v1";
import { Construct } from "constructs";
import { PRIORITY_CLASSES } from "../../planning/kubernetes-names";

/**
 * None is the default, so other pods stay at 0: above the spare, below the rest. A class cannot be changed, and pods
 * keep their number.
 * @example
 * new PriorityClasses(this, "priorities");
 */
export class PriorityClasses extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const [role, { name, value, description }] of Object.entries(PRIORITY_CLASSES)) {
      new PriorityClassV1(this, role, {
        metadata: { name },
        value,
        description,
        globalDefault: false,
        preemptionPolicy: role === "spare" ? "Never" : "PreemptLowerPriority",
      });
    }
  }
}
