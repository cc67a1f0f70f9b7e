import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import type { ProjectRole } from "../../planning/project-roles";

export interface WorkloadAccountProps {
  readonly project: string;
  /** At most 30 characters. */
  readonly accountId: string;
  readonly displayName: string;
  /** Only what no single resource can grant. */
  readonly projectRoles: readonly ProjectRole[];
  /** IAM members that may attach it, or log in to its machines, each by a name. */
  readonly users: Readonly<Record<string, string>>;
}

/**
 * Without a key: machines get tokens from the metadata server. Bindings are single members: a policy would remove the
 * grants of Google's service agents and other stacks.
 * @example
 * new WorkloadAccount(this, "qdrant-account", {
 *   project: "acme", accountId: "demo-qdrant", displayName: "Qdrant", projectRoles: ["roles/logging.logWriter"], users: { deployer },
 * });
 */
export class WorkloadAccount extends Construct {
  readonly member: string;
  readonly email: string;

  constructor(scope: Construct, id: string, props: WorkloadAccountProps) {
    super(scope, id);
    const account = new ServiceAccount(this, "account", {
      accountId: props.accountId,
      displayName: props.displayName,
    });
    this.member = account.member;
    this.email = account.email;
    for (const role of props.projectRoles) {
      new ProjectIamMember(this, role.replace("roles/", "project-"), {
        project: props.project,
        role,
        member: this.member,
      });
    }
    for (const [name, member] of Object.entries(props.users)) {
      new ServiceAccountIamMember(this, `user-${name}`, {
        serviceAccountId: account.name,
        role: "roles/iam.serviceAccountUser",
        member,
      });
    }
  }
}
