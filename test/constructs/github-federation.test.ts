import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import { describe, expect, it } from "@jest/globals";
import { deployCondition, GithubFederation, pullRequestCondition } from "../../constructs/identity/github-federation";
import { templateOf } from "./stack-of";

const props = {
  poolId: "pool",
  repository: "acme/terrace",
  repositoryId: 74,
  repositoryOwnerId: 65,
  branch: "main",
  githubEnvironment: "production",
};

type Claims = Readonly<Record<string, string>>;

/** Evaluates the subset of CEL that the conditions use; a claim that is not there is an error, which means no. */
function admits(condition: string, claims: Claims): boolean {
  return condition.split(" && ").every((term) => {
    const [, claim = "", comparison = ""] = /^assertion\.([a-z_]+)( == | in |\.startsWith)/.exec(term) ?? [];
    const value = claims[claim];
    const literals = [...term.matchAll(/'([^']*)'/g)].map(([, literal]) => literal ?? "");
    if (value === undefined || literals.length === 0) return false;
    if (comparison === ".startsWith") return literals.some((literal) => value.startsWith(literal));
    return literals.includes(value);
  });
}

const push: Claims = {
  repository: "acme/terrace",
  repository_id: "74",
  repository_owner_id: "65",
  ref: "refs/heads/main",
  event_name: "push",
  environment: "production",
};
const pullRequest: Claims = {
  repository: "acme/terrace",
  repository_id: "74",
  repository_owner_id: "65",
  ref: "refs/pull/7/merge",
  event_name: "pull_request",
};

describe("deployCondition", () => {
  it("admits the branch in the GitHub environment", () => {
    expect(admits(deployCondition(props), push)).toBe(true);
  });

  it.each<[string, Claims]>([
    ["another repository", { ...push, repository: "evil/terrace" }],
    ["a repository whose name begins alike", { ...push, repository: "acme/terrace-2" }],
    ["a new repository that took the name", { ...push, repository_id: "75" }],
    ["a repository of that number under another owner", { ...push, repository_owner_id: "66" }],
    ["another branch", { ...push, ref: "refs/heads/feature" }],
    ["a tag named like the branch", { ...push, ref: "refs/tags/main" }],
    ["another environment", { ...push, environment: "staging" }],
    ["a pull request", pullRequest],
    ["a pull request that runs with the branch's ref", { ...push, event_name: "pull_request_target" }],
  ])("stays shut for %s", (_, claims) => expect(admits(deployCondition(props), claims)).toBe(false));

  it("compares numbers with the strings that GitHub's tokens hold", () => {
    expect(deployCondition(props)).toContain(
      "assertion.repository_id == '74' && assertion.repository_owner_id == '65' && ",
    );
  });

  it("compares names alone where no numbers are known", () => {
    const names = { ...props, repositoryId: undefined, repositoryOwnerId: undefined };
    expect(admits(deployCondition(names), { ...push, repository_id: "75", repository_owner_id: "66" })).toBe(true);
    expect(deployCondition(names)).not.toMatch(/_id/);
  });

  it("refuses a job without an environment where one is required", () => {
    const { environment: _, ...without } = push;
    expect(admits(deployCondition(props), without)).toBe(false);
    expect(admits(deployCondition({ ...props, githubEnvironment: undefined }), without)).toBe(true);
  });
});

describe("the pull-request provider", () => {
  it("admits pull requests of the repository only, and never with a branch's ref", () => {
    expect(admits(pullRequestCondition(props), pullRequest)).toBe(true);
    expect(admits(pullRequestCondition(props), push)).toBe(false);
    expect(admits(pullRequestCondition(props), { ...pullRequest, ref: "refs/heads/main" })).toBe(false);
    expect(admits(pullRequestCondition(props), { ...pullRequest, repository: "evil/terrace" })).toBe(false);
    expect(admits(pullRequestCondition(props), { ...pullRequest, repository_id: "75" })).toBe(false);
    expect(admits(pullRequestCondition(props), { ...pullRequest, repository_owner_id: "66" })).toBe(false);
  });
});

describe("GithubFederation", () => {
  it("maps the claim that tells the principals apart, and a subject of bounded length", () => {
    const template = templateOf((scope) => {
      const github = new GithubFederation(scope, "github", props);
      expect(github.deployPrincipal).toMatch(/^principalSet:.*\/attribute\.ref\/refs\/heads\/main$/);
      expect(github.repositoryPrincipal).toMatch(/\/attribute\.repository\/acme\/terrace$/);
    });
    template.expectCount(IamWorkloadIdentityPoolProvider, 2);
    for (const id of ["deploy", "pull-request"]) {
      template.expectResource(IamWorkloadIdentityPoolProvider, {
        workloadIdentityPoolProviderId: id,
        attributeMapping: {
          "google.subject": "assertion.repository_id + ':' + assertion.run_id",
          "attribute.ref": "assertion.ref",
          "attribute.repository": "assertion.repository",
          "attribute.repository_id": "assertion.repository_id",
          "attribute.repository_owner_id": "assertion.repository_owner_id",
        },
        oidc: { issuerUri: "https://token.actions.githubusercontent.com" },
      });
    }
  });
});
