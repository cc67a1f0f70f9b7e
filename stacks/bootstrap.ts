import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { AppliedSettings } from "../constructs/applied-settings";
import { CiAccount } from "../constructs/identity/ci-account";
import { GithubFederation } from "../constructs/identity/github-federation";
import { ProjectServices } from "../constructs/identity/project-services";
import { Bucket } from "../constructs/storage/bucket";
import { clusterInSteps } from "../environment/changes-in-steps";
import type { Environment } from "../environment/environment";
import { hasScheduledJobs } from "../environment/scheduled-jobs";
import {
  DEPLOYER_PERMISSIONS,
  deployerRoles,
  plannerPermissions,
  plannerRoles,
  WATCHDOG_PERMISSIONS,
} from "../planning/ci-roles";
import { projectServices } from "../planning/project-services";
import { TerraceStack } from "./terrace-stack";

/**
 * What a person applies once, with a person's rights: APIs, the bucket of the other stacks' states, and who may deploy.
 * Everything after it is applied by the pipeline, which could not give itself these rights.
 */
export class BootstrapStack extends TerraceStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, "bootstrap", environment);
    const { settings } = environment;
    const { names } = this;
    const { project, region, ci } = settings;
    const needs = {
      managedData: settings.data.kind === "managed",
      cluster: settings.kubernetes !== null,
      scheduledJobs: hasScheduledJobs(environment),
    };

    const services = new ProjectServices(this, "services", { services: projectServices(needs) });
    const github = new GithubFederation(this, "github", {
      poolId: names.identityPool,
      ...ci,
      dependsOn: services.enabled,
    });
    const deployer = new CiAccount(this, "deployer", {
      project,
      accountId: names.accountId("deployer"),
      displayName: `Applies ${settings.environment} from ${ci.repository}`,
      actor: github.deployPrincipal,
      grants: deployerRoles(needs),
      customRole: {
        roleId: names.customRole("deployer"),
        title: "Terrace deployer: secret containers",
        permissions: DEPLOYER_PERMISSIONS,
      },
      dependsOn: services.enabled,
    });
    new AppliedSettings(this, "applied-cluster", clusterInSteps(settings)).guard(deployer.account);
    const planner = new CiAccount(this, "planner", {
      project,
      accountId: names.accountId("planner"),
      displayName: `Plans ${settings.environment} for pull requests of ${ci.repository}`,
      actor: github.repositoryPrincipal,
      grants: plannerRoles(needs),
      customRole: {
        roleId: names.customRole("planner"),
        title: "Terrace planner: what no viewer role reads",
        permissions: plannerPermissions(needs),
      },
      dependsOn: services.enabled,
    });
    // Which machines it is granted on is for the pipeline to say; what a role permits is not.
    if (settings.idleWatchdog !== null) {
      new ProjectIamCustomRole(this, "watchdog-role", {
        roleId: names.customRole("watchdog"),
        title: "Terrace watchdog: stop a machine",
        permissions: [...WATCHDOG_PERMISSIONS],
        dependsOn: services.enabled,
      });
    }
    // Made for a local state too: to move it here later is then one `terraform init -migrate-state`.
    new Bucket(this, "state", {
      name: names.stateBucket,
      location: region,
      role: "terraform-state",
      noncurrentDays: 90,
      keepNewerVersions: 20,
      softDeleteDays: 30,
      preventDestroy: true,
      grants: {
        // A plan of a pull request takes no lock, which would need writing: `-lock=false`.
        planner: { member: planner.member, role: "roles/storage.objectViewer" },
      },
      dependsOn: services.enabled,
    });

    this.output("deploy-provider", github.deployProvider, "workload_identity_provider of the deploying job");
    this.output("pull-request-provider", github.pullRequestProvider, "workload_identity_provider of the planning job");
    this.output("deployer-account", deployer.email, "service_account of the deploying job");
    this.output("planner-account", planner.email, "service_account of the planning job");
  }

  private output(id: string, value: string, description: string): void {
    new TerraformOutput(this, id, { value, description, staticId: true });
  }
}
