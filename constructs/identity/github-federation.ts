import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface GithubFederationProps {
  /** At most 32 characters. A deleted id stays taken for 30 days. */
  readonly poolId: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Its number, which a repository that takes the name later does not have. @default unchecked */
  readonly repositoryId?: number | undefined;
  /** Its owner's number. @default unchecked */
  readonly repositoryOwnerId?: number | undefined;
  readonly branch: string;
  /** @default any, or none */
  readonly githubEnvironment?: string | undefined;
  readonly dependsOn?: ITerraformDependable[];
}

/** Of the branch's own workflow and code. */
const DEPLOYING_EVENTS = ["push", "workflow_dispatch"] as const;

/** https://docs.github.com/actions/reference/security/oidc, its claims too: all are strings, numbers included. */
const ISSUER = "https://token.actions.githubusercontent.com";

/**
 * Workload Identity Federation for GitHub Actions, without keys: provider `deploy` for the branch (and environment),
 * `pull-request` for pull requests of the repository, whose tokens forks do not get.
 * - A repository is its name and its number: the name alone is anybody's once its owner has given it up.
 * - Claims are compared, not `sub`, which loses the branch with an environment and may exceed 127 characters.
 * - `pull_request_target` has the branch's `ref` with a stranger's code, so events are listed.
 * - `pull-request` admits `refs/pull/…` alone, so no token of it has the branch's principal.
 * @example
 * new GithubFederation(this, "github", {
 *   poolId: "terrace-production-ci",
 *   repository: "acme/terrace",
 *   repositoryId: 123456789,
 *   repositoryOwnerId: 1234567,
 *   branch: "main",
 * });
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
          "attribute.repository_id": "assertion.repository_id",
          "attribute.repository_owner_id": "assertion.repository_owner_id",
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
export function deployCondition(props: GithubFederationProps): string {
  const { branch, githubEnvironment } = props;
  const events = DEPLOYING_EVENTS.map((event) => `'${event}'`).join(", ");
  return [
    ...repositoryTerms(props),
    `assertion.ref == '${branchRef(branch)}'`,
    `assertion.event_name in [${events}]`,
    ...(githubEnvironment === undefined ? [] : [`assertion.environment == '${githubEnvironment}'`]),
  ].join(" && ");
}

type GithubRepository = Pick<GithubFederationProps, "repository" | "repositoryId" | "repositoryOwnerId">;

export function pullRequestCondition(repository: GithubRepository): string {
  return [
    ...repositoryTerms(repository),
    "assertion.event_name == 'pull_request'",
    "assertion.ref.startsWith('refs/pull/')",
  ].join(" && ");
}

function repositoryTerms({ repository, repositoryId, repositoryOwnerId }: GithubRepository): string[] {
  return [
    `assertion.repository == '${repository}'`,
    ...(repositoryId === undefined ? [] : [`assertion.repository_id == '${repositoryId}'`]),
    ...(repositoryOwnerId === undefined ? [] : [`assertion.repository_owner_id == '${repositoryOwnerId}'`]),
  ];
}
