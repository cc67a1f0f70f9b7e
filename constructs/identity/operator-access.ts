import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { Construct } from "constructs";
import type { ProjectRole } from "../../planning/project-roles";

export interface OperatorAccessProps {
  readonly project: string;
  /** IAM members. */
  readonly operators: readonly string[];
  readonly tunnelPorts: readonly number[];
}

/**
 * Identity-Aware Proxy's tunnel, and OS Login with sudo, which the journal and containers need. Machines switch OS
 * Login on themselves: the project may hold others. An operator must be a user of a machine's service account, too.
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

/** E.g. `group-ops-example-com`: it follows the member, so that the list's order is free. */
export function idOf(member: string): string {
  return member.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
