import { blocksAt, textAt, textsAt } from "../../support/json";
import { resourcesIn } from "../../support/stack-view";
import { type PolicyRule, resourceRule } from "./rule";

const PRIMITIVE_ROLES: readonly string[] = ["roles/owner", "roles/editor", "roles/viewer"];
const EVERYBODY: readonly string[] = ["allUsers", "allAuthenticatedUsers"];
/** Roles that let an account become others, or hand out more than it has. */
const IMPERSONATION: readonly string[] = [
  "roles/iam.serviceAccountTokenCreator",
  "roles/iam.serviceAccountUser",
  "roles/iam.serviceAccountKeyAdmin",
  "roles/iam.workloadIdentityUser",
  "roles/iam.securityAdmin",
];
const GRANT = /_iam_(?:member|binding)$/;

/** Who may do what. */
export const IDENTITY_RULES: readonly PolicyRule[] = [
  grantRule("no-primitive-roles", "Owner, editor and viewer cover everything there is and will be.", (role) =>
    PRIMITIVE_ROLES.includes(role) ? `grants ${role}` : undefined,
  ),
  grantRule("not-for-everybody", "Nothing is granted to the whole internet.", (_, members) =>
    members.filter((member) => EVERYBODY.includes(member)).map((member) => `grants to ${member}`),
  ),
  resourceRule(
    "no-impersonation-of-the-project",
    "To act as an account is granted on that account, never on the project and all its accounts.",
    ["google_project_iam_member", "google_project_iam_binding"],
    ({ body }) => {
      const role = textAt(body, "role") ?? "";
      return IMPERSONATION.includes(role) ? `grants ${role} on every account` : undefined;
    },
  ),
  resourceRule(
    "bounded-delegation",
    "Whoever may change the project's grants may hand out listed roles only.",
    ["google_project_iam_member"],
    ({ body }) => {
      if (body.role !== "roles/resourcemanager.projectIamAdmin") return undefined;
      const expressions = blocksAt(body, "condition").map((condition) => textAt(condition, "expression") ?? "");
      if (!expressions.some((expression) => expression.includes("modifiedGrantsByRole"))) return "may grant any role";
      return PRIMITIVE_ROLES.filter((role) => expressions.join().includes(`'${role}'`)).map(
        (role) => `may grant ${role}`,
      );
    },
  ),
  {
    id: "grants-add-up",
    says: "Grants are added one by one; an authoritative policy or binding takes away what others rest on.",
    check: (environment) =>
      resourcesIn(environment)
        .filter(({ type }) => /_iam_(?:policy|binding)$/.test(type))
        .map(({ stack, address }) => ({ at: `${stack.id} ${address}`, message: "is authoritative" })),
  },
  resourceRule(
    "federation-is-bounded",
    "Only this repository's workflows are let in: an empty condition lets every repository of GitHub in.",
    ["google_iam_workload_identity_pool_provider"],
    ({ body }, _, { ci }) => {
      const condition = textAt(body, "attribute_condition") ?? "";
      return [
        ...(condition.includes(`assertion.repository == '${ci.repository}'`) ? [] : ["lets other repositories in"]),
        ...(condition.includes(`assertion.repository_id == '${ci.repositoryId}'`) &&
        condition.includes(`assertion.repository_owner_id == '${ci.repositoryOwnerId}'`)
          ? []
          : ["lets in whoever takes the repository's name next"]),
        ...(condition.includes("||") ? ["has a condition with a way round it"] : []),
        ...(blocksAt(body, "oidc").some((oidc) => oidc.issuer_uri === "https://token.actions.githubusercontent.com")
          ? []
          : ["trusts another issuer"]),
      ];
    },
  ),
  resourceRule(
    "federated-principals-are-named",
    "The whole pool may act as nobody; the deployer only from the branch.",
    ["google_service_account_iam_member"],
    ({ body }, _, { ci }) => {
      const member = textAt(body, "member") ?? "";
      if (!member.startsWith("principal")) return undefined;
      const account = textAt(body, "service_account_id") ?? "";
      return [
        ...(/\/attribute\.[a-z_]+\/.+|\/subject\/.+/.test(member) ? [] : ["lets the whole pool act as the account"]),
        ...(account.includes("deployer") && !member.endsWith(`/refs/heads/${ci.branch}`)
          ? ["lets another branch deploy"]
          : []),
      ];
    },
  ),
  resourceRule(
    "services-stay-on",
    "disable_on_destroy is true when unset: destroying one stack would turn APIs off under everything else.",
    ["google_project_service"],
    ({ body }) => [
      ...(body.disable_on_destroy === false ? [] : ["turns the API off when destroyed"]),
      ...(body.disable_dependent_services === true ? ["turns other APIs off with it"] : []),
    ],
  ),
];

function grantRule(
  id: string,
  says: string,
  wrong: (role: string, members: readonly string[]) => string | readonly string[] | undefined,
): PolicyRule {
  return {
    id,
    says,
    check: (environment) =>
      resourcesIn(environment)
        .filter(({ type }) => GRANT.test(type))
        .flatMap(({ stack, address, body }) => {
          const members = [textAt(body, "member") ?? [], textsAt(body, "members")].flat();
          const found = [wrong(textAt(body, "role") ?? "", members) ?? []].flat();
          return found.map((message) => ({ at: `${stack.id} ${address}`, message }));
        }),
  };
}
