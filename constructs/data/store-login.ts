import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { SqlUser } from "@cdktf/provider-google/lib/sql-user";
import { Construct } from "constructs";
import type { ProjectRole } from "../../planning/project-roles";
import { iamUserName } from "../../planning/shared-stores";

export interface StoreLoginProps {
  readonly project: string;
  /** E-mail address of the service account; it must exist, because a binding for an account that does not is refused. */
  readonly account: string;
  /** Name of the PostgreSQL instance. */
  readonly sqlInstance: string;
  /** Also lets it into Memorystore. @default true */
  readonly redis?: boolean;
}

/**
 * Lets a service account log in to the shared stores, by IAM and without a password. What it may do in the database is
 * granted there (docs/guides/first-deploy.md).
 *
 * @example
 * new StoreLogin(this, "llm-vm", { project: "acme", account: names.accountEmail("llm-vm"), sqlInstance: names.sqlInstance });
 */
export class StoreLogin extends Construct {
  constructor(scope: Construct, id: string, { project, account, sqlInstance, redis = true }: StoreLoginProps) {
    super(scope, id);
    const member = `serviceAccount:${account}`;
    new ProjectIamMember(this, "postgres", {
      project,
      role: "roles/cloudsql.instanceUser" satisfies ProjectRole,
      member,
      // Cloud SQL takes bindings on the project only.
      condition: {
        title: "this-instance",
        expression: `resource.type == 'sqladmin.googleapis.com/Instance' && resource.name == 'projects/${project}/instances/${sqlInstance}'`,
      },
    });
    new SqlUser(this, "postgres-user", {
      instance: sqlInstance,
      name: iamUserName(account),
      type: "CLOUD_IAM_SERVICE_ACCOUNT",
      // PostgreSQL refuses to drop a role that owns tables.
      deletionPolicy: "ABANDON",
    });
    if (!redis) return;
    new ProjectIamMember(this, "redis", {
      project,
      role: "roles/memorystore.dbConnectionUser" satisfies ProjectRole,
      member,
    });
  }
}
