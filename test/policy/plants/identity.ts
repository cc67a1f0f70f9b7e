import { add, edit, type Plant } from "./plant";

export const IDENTITY_PLANTS: readonly Plant[] = [
  edit("no-primitive-roles", "an editor", "google_project_iam_member", { role: "roles/editor" }),
  edit("not-for-everybody", "the internet", "google_storage_bucket_iam_member", { member: "allUsers" }),
  edit("not-for-everybody", "every Google account", "google_secret_manager_secret_iam_member", {
    member: "allAuthenticatedUsers",
  }),
  edit("no-impersonation-of-the-project", "tokens of every account", "google_project_iam_member", {
    role: "roles/iam.serviceAccountTokenCreator",
  }),
  edit(
    "bounded-delegation",
    "no condition",
    "google_project_iam_member",
    { condition: undefined },
    { role: "roles/resourcemanager.projectIamAdmin" },
  ),
  add("grants-add-up", "a policy", "foundation", "google_project_iam_policy", { project: "x" }),
  add("grants-add-up", "a binding", "foundation", "google_project_iam_binding", {
    project: "x",
    role: "roles/compute.viewer",
  }),
  edit("federation-is-bounded", "every repository", "google_iam_workload_identity_pool_provider", {
    attribute_condition: undefined,
  }),
  edit("federation-is-bounded", "a repository of another owner", "google_iam_workload_identity_pool_provider", {
    attribute_condition: "assertion.repository == 'other/terrace'",
  }),
  edit("federation-is-bounded", "the name without the number", "google_iam_workload_identity_pool_provider", {
    attribute_condition: "assertion.repository == 'terrace-llm/terrace'",
  }),
  edit("federation-is-bounded", "another issuer", "google_iam_workload_identity_pool_provider", {
    "oidc.issuer_uri": "https://example.com",
  }),
  edit("federated-principals-are-named", "the whole pool", "google_service_account_iam_member", {
    member: "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*",
  }),
  edit("services-stay-on", "the default", "google_project_service", { disable_on_destroy: undefined }),
  edit("services-stay-on", "true", "google_project_service", { disable_on_destroy: true }),
  edit("services-stay-on", "dependents", "google_project_service", { disable_dependent_services: true }),
];
