import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface GithubFederationProps {
  /** At most 32 characters. A deleted id stays taken for 30 days. */
  readonly poolId: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  /** @default any, or none */
  readonly githubEnvironment?: string | undefined;
  readonly dependsOn?: ITerraformDependable[];
}

/** Of the branch's own workflow and code. */
const DEPLOYING_EVENTS = ["push", "workflow_dispatch"] as const;

/** https://docs.github.com/actions/reference/security/oidc */
const ISSUER = "https://token.actions.githubusercontent.com";

/**
 * Workload Identity Federation for GitHub Actions, without keys: provider `deploy` for the branch (and environment),
 * `pull-request` for pull requests of the repository, whose tokens forks do not get.
 * - Claims are compared, not `sub`, which loses the branch with an environment and may exceed 127 characters.
 * - `pull_request_target` has the branch's `ref` with a stranger's code, so events are listed.
 * - `pull-request` admits `refs/pull/…` alone, so no token of it has the branch's principal.
 * @example
 * new GithubFederation(this, "github", { poolId: "terrace-production-ci", repository: "acme/terrace", branch: "main" });
 */
export class GithubFederation extends Construct {
  readonly deployPrincipal: string;
  readonly repositoryPrincipal: string;
  /** For a workflow's sign-in step. */
  readonly deployProvider: string;
  readonly pullRequestProvider: string;

  constructor(scope: Construct, id: string, props: GithubFederationProps) {
    super(scope, id);
    const pool = new IamWorkloadIdentityPool(this, "pool", {
      workloadIdentityPoolId: props.poolId,
      displayName: "GitHub Actions",
      description: `Workflows of ${props.repository}.`,
      dependsOn: props.dependsOn,
    });
    const provider = (providerId: string, displayName: string, attributeCondition: string) =>
      new IamWorkloadIdentityPoolProvider(this, providerId, {
        workloadIdentityPoolId: pool.workloadIdentityPoolId,
        workloadIdentityPoolProviderId: providerId,
        displayName,
        attributeMapping: {
          "google.subject": "assertion.repository_id + ':' + assertion.run_id",
          "attribute.repository": "assertion.repository",
          "attribute.ref": "assertion.ref",
        },
        attributeCondition,
        oidc: { issuerUri: ISSUER },
      });
    this.deployProvider = provider("deploy", "Deploy from the branch", deployCondition(props)).name;
    this.pullRequestProvider = provider("pull-request", "Plan a pull request", pullRequestCondition(props)).name;
    const principals = `principalSet://iam.googleapis.com/${pool.name}`;
    this.deployPrincipal = `${principals}/attribute.ref/${branchRef(props.branch)}`;
    this.repositoryPrincipal = `${principals}/attribute.repository/${props.repository}`;
  }
}

function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/** A claim that a token lacks is an error, which Google takes as a refusal. */
export function deployCondition({ repository, branch, githubEnvironment }: GithubFederationProps): string {
  const events = DEPLOYING_EVENTS.map((event) => `'${event}'`).join(", ");
  return [
    `assertion.repository == '${repository}'`,
    `assertion.ref == '${branchRef(branch)}'`,
    `assertion.event_name in [${events}]`,
    ...(githubEnvironment === undefined ? [] : [`assertion.environment == '${githubEnvironment}'`]),
  ].join(" && ");
}

export function pullRequestCondition({ repository }: Pick<GithubFederationProps, "repository">): string {
  return [
    `assertion.repository == '${repository}'`,
    "assertion.event_name == 'pull_request'",
    "assertion.ref.startsWith('refs/pull/')",
  ].join(" && ");
}
