import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface RoleGrant {
  readonly role: string;
  readonly why: string;
  /** Common Expression Language. @default no condition */
  readonly condition?: { readonly title: string; readonly expression: string } | undefined;
}

export interface CiAccountProps {
  readonly project: string;
  /** At most 30 characters. */
  readonly accountId: string;
  readonly displayName: string;
  readonly actor: string;
  readonly grants: readonly RoleGrant[];
  /** What no predefined role grants without far more. @default none */
  readonly customRole?:
    | {
        /** Letters, digits, `_` and `.`; a deleted id stays taken for 37 days. */
        readonly roleId: string;
        readonly title: string;
        readonly permissions: readonly string[];
      }
    | undefined;
  readonly dependsOn?: ITerraformDependable[];
}

/**
 *
 * @example
 * new CiAccount(this, "planner", {
 *   project: "acme", accountId: "demo-planner", displayName: "Plans pull requests", actor: github.repositoryPrincipal,
 *   grants: [{ role: "roles/compute.viewer", why: "machines, network, load balancer" }],
 * });
 */
export class CiAccount extends Construct {
  readonly account: ServiceAccount;

  constructor(scope: Construct, id: string, props: CiAccountProps) {
    super(scope, id);
    this.account = new ServiceAccount(this, "account", {
      accountId: props.accountId,
      displayName: props.displayName,
      dependsOn: props.dependsOn,
    });
    new ServiceAccountIamMember(this, "actor", {
      serviceAccountId: this.account.name,
      role: "roles/iam.workloadIdentityUser",
      member: props.actor,
    });
    for (const { role, condition } of props.grants) {
      new ProjectIamMember(this, role.replace("roles/", ""), {
        project: props.project,
        role,
        member: this.member,
        condition,
      });
    }
    this.grantCustomRole(props);
  }

  get email(): string {
    return this.account.email;
  }

  get member(): string {
    return this.account.member;
  }

  private grantCustomRole({ project, customRole }: CiAccountProps): void {
    if (customRole === undefined) return;
    const role = new ProjectIamCustomRole(this, "custom-role", {
      roleId: customRole.roleId,
      title: customRole.title,
      permissions: [...customRole.permissions].sort(),
    });
    new ProjectIamMember(this, "custom", { project, role: role.name, member: this.member });
  }
}
