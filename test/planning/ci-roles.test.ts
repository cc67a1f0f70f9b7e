import { describe, expect, it } from "@jest/globals";
import { DEPLOYER_PERMISSIONS, deployerRoles, plannerPermissions, plannerRoles } from "../../planning/ci-roles";
import { grantableRoles } from "../../planning/project-roles";

/** Most values that `hasOnly` compares. https://cloud.google.com/iam/docs/setting-limits-on-granting-roles */
const MAX_GRANTABLE_ROLES = 10;

const needs = { managedData: true, cluster: true, scheduledJobs: true };
const everyRole = [...deployerRoles(needs), ...plannerRoles(needs)];

describe("deployerRoles and plannerRoles", () => {
  it("are never basic roles, and each has a reason", () => {
    expect(everyRole.length).toBeGreaterThan(10);
    for (const { role, why } of everyRole) {
      expect(role).not.toMatch(/^roles\/(owner|editor|viewer)$/);
      expect(why).not.toBe("");
    }
  });

  it("let the deployer grant the workloads' roles and no others", () => {
    const admin = deployerRoles(needs).find(({ role }) => role === "roles/resourcemanager.projectIamAdmin");
    const listed = [...(admin?.condition?.expression.matchAll(/'(roles\/[^']+)'/g) ?? [])].map(([, role]) => role);
    expect(listed).toEqual(grantableRoles());
    expect(listed.length).toBeLessThanOrEqual(MAX_GRANTABLE_ROLES);
    // None of them would let a workload, or who acts as one, hand out rights.
    for (const role of listed) expect(role).not.toMatch(/iam\.|admin$|owner|editor/i);
  });

  it("read no secret's value, and change nothing for a plan", () => {
    expect(DEPLOYER_PERMISSIONS).not.toContain("secretmanager.versions.access");
    for (const { role } of plannerRoles(needs)) expect(role).toMatch(/(viewer|reader|Reviewer)$/);
    for (const permission of plannerPermissions(needs)) expect(permission).toMatch(/\.get$/);
  });

  it("leave out what only managed data and a cluster need", () => {
    const roles = deployerRoles({ managedData: false, cluster: false, scheduledJobs: false }).map(({ role }) => role);
    expect(roles.some((role) => /cloudsql|memorystore|networkconnectivity|container\./.test(role))).toBe(false);
    expect(everyRole.map(({ role }) => role)).toContain("roles/container.admin");
  });
});
