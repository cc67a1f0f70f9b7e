import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { Construct } from "constructs";
import type { ProjectRole } from "../../planning/project-roles";

export interface OperatorAccessProps {
  readonly project: string;
  /** IAM members, e.g. `group:ops@example.com`. */
  readonly operators: readonly string[];
  /** TCP ports that a tunnel may lead to. */
  readonly tunnelPorts: readonly number[];
}

/**
 * Operators' way to machines that have no external address: a tunnel of Identity-Aware Proxy to the listed ports, and a
 * login by OS Login under their own name, with sudo. Without sudo they could read neither the journal nor a container.
 *
 * OS Login itself is switched on by each machine, not by project metadata: the project may hold machines of others. Who
 * logs in to a machine that has a service account must also be a user of that account.
 *
 * @example
 * new OperatorAccess(this, "operators", { project: "acme", operators: ["group:ops@example.com"], tunnelPorts: [22] });
 */
export class OperatorAccess extends Construct {
  constructor(scope: Construct, id: string, props: OperatorAccessProps) {
    super(scope, id);
    const ports = props.tunnelPorts.map((port) => `destination.port == ${port}`).join(" || ");
    props.operators.forEach((member) => {
      const grant = (role: ProjectRole, condition?: { title: string; expression: string }) =>
        new ProjectIamMember(this, `${role.replace("roles/", "")}-${idOf(member)}`, {
          project: props.project,
          role,
          member,
          condition,
        });
      grant("roles/iap.tunnelResourceAccessor", { title: "listed-ports", expression: ports });
      grant("roles/compute.osAdminLogin");
      grant("roles/compute.viewer");
    });
  }
}

/** A construct id from a member, e.g. `group-ops-example-com`: it follows the member, so that the list's order is free. */
export function idOf(member: string): string {
  return member.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
