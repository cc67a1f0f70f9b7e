import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { SecretManagerSecretVersion } from "@cdktf/provider-google/lib/secret-manager-secret-version";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { describe, expect, it } from "@jest/globals";
import { idOf, OperatorAccess } from "../../constructs/identity/operator-access";
import { ProjectServices } from "../../constructs/identity/project-services";
import { SecretContainer } from "../../constructs/identity/secret-container";
import { WorkloadAccount } from "../../constructs/identity/workload-account";
import { projectServices } from "../../planning/project-services";
import { templateOf } from "./stack-of";

describe("ProjectServices", () => {
  it("leaves APIs enabled when it is destroyed", () => {
    const services = projectServices({ managedData: true, cluster: true, scheduledJobs: true });
    const template = templateOf((scope) => new ProjectServices(scope, "services", { services }));
    template.expectCount(ProjectService, services.length);
    for (const service of services) {
      template.expectResource(ProjectService, { service, disableOnDestroy: false, disableDependentServices: false });
    }
  });

  it("enables the data stores' and the cluster's APIs only where there are any", () => {
    const without = projectServices({ managedData: false, cluster: false, scheduledJobs: false });
    expect(without).not.toContain("sqladmin.googleapis.com");
    expect(without).not.toContain("container.googleapis.com");
    expect(projectServices({ managedData: true, cluster: true, scheduledJobs: true })).toEqual(
      expect.arrayContaining([...without, "sqladmin.googleapis.com", "container.googleapis.com"]),
    );
  });
});

describe("WorkloadAccount", () => {
  it("has its project roles and its users", () => {
    const template = templateOf(
      (scope) =>
        new WorkloadAccount(scope, "qdrant", {
          project: "acme",
          accountId: "demo-qdrant",
          displayName: "Qdrant",
          projectRoles: ["roles/logging.logWriter"],
          users: { deployer: "serviceAccount:d@acme" },
        }),
    );
    template.expectCount(ProjectIamMember, 1);
    template.expectResource(ProjectIamMember, { role: "roles/logging.logWriter" });
    template.expectResource(ServiceAccountIamMember, {
      role: "roles/iam.serviceAccountUser",
      member: "serviceAccount:d@acme",
    });
  });
});

describe("OperatorAccess", () => {
  const operators = ["group:ops@example.com", "user:kim@example.com"];
  const template = templateOf(
    (scope) => new OperatorAccess(scope, "operators", { project: "acme", operators, tunnelPorts: [22, 3000] }),
  );

  it("opens tunnels to the listed ports only", () => {
    for (const member of operators) {
      template.expectResource(ProjectIamMember, {
        role: "roles/iap.tunnelResourceAccessor",
        member,
        condition: { expression: "destination.port == 22 || destination.port == 3000" },
      });
    }
    template.expectCount(ProjectIamMember, 6);
  });

  it("names bindings after the member, so that the order of the list is free", () => {
    expect(idOf("group:ops@example.com")).toBe("group-ops-example-com");
  });
});

describe("SecretContainer", () => {
  it("has readers and stays in its region, and has no value", () => {
    const template = templateOf(
      (scope) =>
        new SecretContainer(scope, "s", { name: "tokens", region: "r1", readers: { llm: "serviceAccount:l@acme" } }),
    );
    template.expectResource(SecretManagerSecret, {
      secretId: "tokens",
      replication: { userManaged: { replicas: [{ location: "r1" }] } },
      versionDestroyTtl: "604800s",
    });
    template.expectResource(SecretManagerSecretIamMember, {
      role: "roles/secretmanager.secretAccessor",
      member: "serviceAccount:l@acme",
    });
    template.expectCount(SecretManagerSecretVersion, 0);
  });
});
