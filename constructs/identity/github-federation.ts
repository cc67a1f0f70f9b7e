import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface GithubFederationProps {
  /** Pool id, at most 32 characters. A deleted id stays taken for 30 days. */
  readonly poolId: string;
  /** One repository, `owner/name`. */
  readonly repository: string;
  /** The one branch that may deploy. */
  readonly branch: string;
  /** GitHub environment that the deploying job must run in. @default any, or none */
  readonly githubEnvironment?: string | undefined;
  readonly dependsOn?: ITerraformDependable[];
}

/** Events that run the branch's own workflow with the branch's own code. */
const DEPLOYING_EVENTS = ["push", "workflow_dispatch"] as const;

/** https://docs.github.com/actions/reference/security/oidc */
const ISSUER = "https://token.actions.githubusercontent.com";

/**
 * Workload Identity Federation for GitHub Actions: workflows of one repository get short-lived Google credentials, and
 * no key exists that could leak.
 *
 * Two doors to one pool. `deploy` opens for the branch (and the GitHub environment, where one is set); `pull-request`
 * for pull requests of the same repository, whose tokens GitHub does not give to forks.
 *
 * - Each door compares the claims it needs, not `sub`: with an environment `sub` no longer holds the branch, a repository
 *   may reshape it, and it may exceed the 127 characters that a subject may have. The subject made here names the run.
 * - `pull_request_target` carries the branch's `ref` while it may check out a stranger's code, so events are listed.
 * - Principals are told apart by `ref`. `pull-request` admits `refs/pull/…` alone, so none of its tokens can carry the
 *   branch's.
 *
 * @example
 * new GithubFederation(this, "github", { poolId: "terrace-production-ci", repository: "acme/terrace", branch: "main" });
 */
export class GithubFederation extends Construct {
  /** Principals that came in by `deploy`. */
  readonly deployPrincipal: string;
  /** Principals of the repository, by either door. */
  readonly repositoryPrincipal: string;
  /** Resource names of the doors, which a workflow's sign-in step asks for. */
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

/** Common Expression Language; a claim that a token lacks is an error, which Google takes as a refusal. */
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
