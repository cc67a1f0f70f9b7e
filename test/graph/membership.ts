import { blocksAt, textAt, textsAt } from "../support/json";
import { type EnvironmentView, type PlacedResource, resourcesIn } from "../support/stack-view";
import { type Violation, violation } from "../support/violation";

/**
 * Machines in more than one load-balanced group, which Google refuses; GPU machines in none, which get no traffic; and
 * other machines in one.
 */
export function membershipViolations(environment: EnvironmentView): readonly Violation[] {
  const memberships = [
    ...resourcesIn(environment, "google_compute_instance_group").flatMap(({ body, address }) =>
      textsAt(body, "instances").map((instance) => ({ instance, group: address })),
    ),
    ...resourcesIn(environment, "google_compute_instance_group_membership").map(({ body }) => ({
      instance: textAt(body, "instance") ?? "",
      group: textAt(body, "instance_group") ?? "",
    })),
    ...resourcesIn(environment, "google_compute_network_endpoint").map(({ body }) => ({
      instance: textAt(body, "instance") ?? "",
      group: textAt(body, "network_endpoint_group") ?? "",
    })),
  ];
  return resourcesIn(environment, "google_compute_instance").flatMap((machine) => {
    const isServing = blocksAt(machine.body, "labels").some((labels) => labels.role === "llm");
    const groups = memberships.filter(({ instance }) => isInstance(instance, machine)).map(({ group }) => group);
    if (groups.length === (isServing ? 1 : 0)) return [];
    const where = groups.length === 0 ? "no group" : groups.join(" and ");
    return [
      violation(machine.stack, machine.address, `stands in ${where}, expected ${isServing ? "one" : "no"} group`),
    ];
  });
}

function isInstance(reference: string, { address, body }: PlacedResource): boolean {
  return reference === textAt(body, "name") || reference.startsWith(`\${${address}.`);
}
