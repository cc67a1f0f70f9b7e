import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { SqlUser } from "@cdktf/provider-google/lib/sql-user";
import { Construct } from "constructs";
import type { ProjectRole } from "../../planning/project-roles";
import { iamUserName } from "../../planning/shared-stores";

export interface StoreLoginProps {
  readonly project: string;
  /** E-mail address of an account that exists: Google refuses bindings for one that does not. */
  readonly account: string;
  readonly sqlInstance: string;
  /** Memorystore too. @default true */
  readonly redis?: boolean;
}

/**
 * IAM login without a password. Rights in the database are granted there (docs/guides/first-deploy.md).
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
