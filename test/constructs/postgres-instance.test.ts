import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { SqlDatabaseInstance } from "@cdktf/provider-google/lib/sql-database-instance";
import { SqlUser } from "@cdktf/provider-google/lib/sql-user";
import { describe, expect, it } from "@jest/globals";
import { PostgresInstance, type PostgresInstanceProps } from "../../constructs/data/postgres-instance";
import { StoreLogin } from "../../constructs/data/store-login";
import { templateOf } from "./stack-of";

const ACCOUNT = "production-llm-vm@acme.iam.gserviceaccount.com";

const props: PostgresInstanceProps = {
  name: "pg",
  region: "asia-northeast3",
  tier: "db-custom-2-7680",
  storageGb: 20,
  highAvailability: true,
  pointInTimeRecovery: true,
  deletionProtection: true,
  network: "projects/acme/global/networks/n",
  allocatedRange: "range",
  backupLocation: "asia-northeast1",
  database: "terrace",
  labels: { environment: "production" },
};
const postgres = (change: Partial<PostgresInstanceProps> = {}) =>
  templateOf((scope) => new PostgresInstance(scope, "pg", { ...props, ...change }));

describe("PostgresInstance", () => {
  it("is private, encrypted, backed up elsewhere and protected twice", () => {
    postgres().expectResource(SqlDatabaseInstance, {
      databaseVersion: "POSTGRES_17",
      deletionProtection: true,
      lifecycle: { preventDestroy: true, ignoreChanges: ["settings[0].disk_size"] },
      settings: {
        edition: "ENTERPRISE",
        availabilityType: "REGIONAL",
        deletionProtectionEnabled: true,
        ipConfiguration: { ipv4Enabled: false, sslMode: "ENCRYPTED_ONLY" },
        backupConfiguration: { enabled: true, location: "asia-northeast1", pointInTimeRecoveryEnabled: true },
      },
    });
  });

  it("can be destroyed where protection is off, and only there", () => {
    postgres({ deletionProtection: false }).expectResource(SqlDatabaseInstance, {
      deletionProtection: false,
      settings: { deletionProtectionEnabled: false },
    });
    postgres({ deletionProtection: false }).expectNoResource(SqlDatabaseInstance, {
      lifecycle: { preventDestroy: true },
    });
  });

  it("has users by IAM alone, and no password anywhere", () => {
    const template = templateOf((scope) => {
      const { instance } = new PostgresInstance(scope, "pg", props);
      new StoreLogin(scope, "login", { project: "acme", account: ACCOUNT, sqlInstance: instance });
    });
    template.expectCount(SqlUser, 1);
    template.expectResource(SqlUser, { name: "production-llm-vm@acme.iam", type: "CLOUD_IAM_SERVICE_ACCOUNT" });
    const login = { project: "acme", account: ACCOUNT, sqlInstance: "pg" };
    const member = `serviceAccount:${ACCOUNT}`;
    const plain = templateOf((scope) => new StoreLogin(scope, "login", login));
    plain.expectResource(ProjectIamMember, {
      role: "roles/cloudsql.instanceUser",
      member,
      condition: {
        expression:
          "resource.type == 'sqladmin.googleapis.com/Instance' && resource.name == 'projects/acme/instances/pg'",
      },
    });
    plain.expectResource(ProjectIamMember, { role: "roles/memorystore.dbConnectionUser", member });
    templateOf((scope) => new StoreLogin(scope, "login", { ...login, redis: false })).expectCount(ProjectIamMember, 1);
    const bodies = [...template.resources(SqlUser), ...template.resources(SqlDatabaseInstance)].map(({ body }) => body);
    expect(JSON.stringify(bodies)).not.toMatch(/"(root_)?password"/);
  });

  it("refuses a standby without the log archive, and backups beside the instance", () => {
    expect(() => postgres({ pointInTimeRecovery: false })).toThrow("highAvailability needs pointInTimeRecovery");
    expect(() => postgres({ highAvailability: false, pointInTimeRecovery: false })).not.toThrow();
    expect(() => postgres({ backupLocation: "asia-northeast3" })).toThrow("backupLocation");
  });
});
