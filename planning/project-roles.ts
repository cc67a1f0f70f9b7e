/**
 * The only roles that the deployer may grant on the project: the condition of its own role lists them, so a new one
 * needs a person to apply bootstrap first.
 */

/** At most ten, as `hasOnly` takes. https://cloud.google.com/iam/docs/setting-limits-on-granting-roles */
export const PROJECT_ROLES = {
  "roles/cloudsql.instanceUser":
    "gateways and jobs log in to PostgreSQL by IAM; Cloud SQL takes bindings on the project only",
  "roles/compute.osAdminLogin": "operators log in with sudo, without which no journal or container can be read",
  "roles/compute.viewer":
    "monitoring and the watchdog find machines by their labels; operators find the machine to log in to",
  "roles/container.defaultNodeServiceAccount":
    "the cluster's nodes write logs and metrics and report themselves: the least that GKE asks for",
  "roles/iap.tunnelResourceAccessor": "operators reach machines that have no external address",
  "roles/logging.logWriter": "every machine writes its log; logs belong to the project",
  "roles/memorystore.dbConnectionUser":
    "gateways and jobs authenticate to Memorystore; bindings are on the project only",
  "roles/monitoring.metricWriter": "every machine writes metrics; metrics belong to the project",
  "roles/monitoring.viewer": "Google's metrics adapter reads what autoscalers ask for; metrics belong to the project",
} as const;

export type ProjectRole = keyof typeof PROJECT_ROLES;

export function grantableRoles(): readonly string[] {
  return Object.keys(PROJECT_ROLES).sort();
}
