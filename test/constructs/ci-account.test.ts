import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { describe, it } from "@jest/globals";
import { CiAccount } from "../../constructs/identity/ci-account";
import { templateOf } from "./stack-of";

describe("CiAccount", () => {
  const template = templateOf(
    (scope) =>
      new CiAccount(scope, "deployer", {
        project: "acme",
        accountId: "demo-deployer",
        displayName: "Deployer",
        actor: "principalSet://x",
        grants: [
          { role: "roles/dns.admin", why: "zones" },
          { role: "roles/resourcemanager.projectIamAdmin", why: "grants", condition: { title: "t", expression: "e" } },
        ],
        customRole: { roleId: "demo_deployer", title: "T", permissions: ["b.c.get", "a.b.get"] },
      }),
  );

  it("may be used by the federation's principals alone", () => {
    template.expectCount(ServiceAccountIamMember, 1);
    template.expectResource(ServiceAccountIamMember, {
      role: "roles/iam.workloadIdentityUser",
      member: "principalSet://x",
    });
  });

  it("gets its roles, with their conditions", () => {
    template.expectCount(ProjectIamMember, 3);
    template.expectResource(ProjectIamMember, {
      role: "roles/resourcemanager.projectIamAdmin",
      condition: { title: "t", expression: "e" },
    });
    template.expectResource(ProjectIamCustomRole, { roleId: "demo_deployer", permissions: ["a.b.get", "b.c.get"] });
  });
});
