/**
 * The deployer applies every stack but bootstrap; the planner reads what a plan compares. Neither is owner, editor or
 * viewer: those reach secrets' values, every bucket's objects, and every service yet to come.
 */
import { grantableRoles } from "./project-roles";

export interface CiRole {
  readonly role: string;
  readonly why: string;
  readonly condition?: { readonly title: string; readonly expression: string };
}

interface Needs {
  readonly managedData: boolean;
  readonly cluster: boolean;
  readonly scheduledJobs: boolean;
}

/** Predefined roles: https://cloud.google.com/iam/docs/roles-permissions. */
export function deployerRoles({ managedData, cluster, scheduledJobs }: Needs): readonly CiRole[] {
  return [
    { role: "roles/artifactregistry.admin", why: "makes the repositories, grants reading, pushes images" },
    {
      role: "roles/certificatemanager.owner",
      why: "makes certificates and maps; editor may not delete a replaced one",
    },
    {
      role: "roles/compute.instanceAdmin.v1",
      why: "machines, disks, instance groups, templates, autoscalers, snapshot schedules",
    },
    {
      role: "roles/compute.networkAdmin",
      why: "network, NAT, addresses, backend services, URL maps, proxies, service peering",
    },
    {
      role: "roles/compute.securityAdmin",
      why: "firewall rules, Cloud Armor, TLS policies, which networkAdmin may only read",
    },
    { role: "roles/dns.admin", why: "zones and records" },
    { role: "roles/iam.serviceAccountAdmin", why: "makes the workloads' accounts and says who may attach them" },
    { role: "roles/logging.configWriter", why: "log-based metrics and sinks" },
    { role: "roles/monitoring.editor", why: "uptime checks, alert policies, notification channels" },
    {
      role: "roles/resourcemanager.projectIamAdmin",
      why: "grants the workloads the few roles that only a project can grant, and no others: not itself owner",
      condition: { title: "only-workload-roles", expression: onlyRoles(grantableRoles()) },
    },
    { role: "roles/storage.admin", why: "makes the buckets and grants access; reads and writes the state" },
    ...(managedData ? MANAGED_DATA_DEPLOYER : []),
    ...(scheduledJobs ? SCHEDULED_JOBS_DEPLOYER : []),
    ...(cluster
      ? [{ role: "roles/container.admin", why: "the cluster and its node pools, and by the DNS endpoint all in them" }]
      : []),
  ];
}

const SCHEDULED_JOBS_DEPLOYER: readonly CiRole[] = [
  { role: "roles/cloudscheduler.admin", why: "the clock of jobs" },
  { role: "roles/run.admin", why: "the jobs, and who may start them" },
];

const SCHEDULED_JOBS_PLANNER: readonly CiRole[] = [
  { role: "roles/cloudscheduler.viewer", why: "the clock of jobs" },
  { role: "roles/run.viewer", why: "the jobs" },
];

const MANAGED_DATA_DEPLOYER: readonly CiRole[] = [
  { role: "roles/cloudsql.admin", why: "the PostgreSQL instance, its database and users" },
  { role: "roles/memorystore.admin", why: "the Valkey instance" },
  { role: "roles/networkconnectivity.consumerNetworkAdmin", why: "the service connection policy of Memorystore" },
];

/**
 * `roles/secretmanager.admin` would read values too. The deployer may still grant itself access to a secret, but not
 * silently: the audit log has it.
 */
export const DEPLOYER_PERMISSIONS: readonly string[] = [
  "secretmanager.secrets.create",
  "secretmanager.secrets.delete",
  "secretmanager.secrets.get",
  "secretmanager.secrets.getIamPolicy",
  "secretmanager.secrets.list",
  "secretmanager.secrets.setIamPolicy",
  "secretmanager.secrets.update",
];

export const WATCHDOG_PERMISSIONS: readonly string[] = ["compute.instances.stop"];

/** `roles/viewer` would read every bucket's objects; these read what a plan compares. */
export function plannerRoles({ managedData, cluster, scheduledJobs }: Needs): readonly CiRole[] {
  return [
    { role: "roles/artifactregistry.reader", why: "repositories" },
    { role: "roles/certificatemanager.viewer", why: "certificates and maps" },
    { role: "roles/compute.viewer", why: "machines, network, load balancer" },
    { role: "roles/dns.reader", why: "zones and records" },
    { role: "roles/iam.securityReviewer", why: "bindings on the project, buckets, secrets and accounts" },
    { role: "roles/monitoring.viewer", why: "uptime checks and alert policies" },
    { role: "roles/secretmanager.viewer", why: "secret containers; reads no value" },
    ...(managedData ? MANAGED_DATA_PLANNER : []),
    ...(scheduledJobs ? SCHEDULED_JOBS_PLANNER : []),
    ...(cluster
      ? [{ role: "roles/container.viewer", why: "the cluster, its node pools and what runs; no Secret" }]
      : []),
  ];
}

const MANAGED_DATA_PLANNER: readonly CiRole[] = [
  { role: "roles/cloudsql.viewer", why: "the PostgreSQL instance, its database and users" },
  { role: "roles/memorystore.viewer", why: "the Valkey instance" },
];

/** What no viewer role of the services above grants, or only together with the objects of every bucket. */
export function plannerPermissions({ managedData }: Pick<Needs, "managedData">): readonly string[] {
  return [
    "iam.serviceAccounts.get",
    "storage.buckets.get",
    ...(managedData ? ["networkconnectivity.serviceConnectionPolicies.get", "servicenetworking.services.get"] : []),
  ];
}

/** True for a change of bindings that touches the listed roles only. https://cloud.google.com/iam/docs/setting-limits-on-granting-roles */
function onlyRoles(roles: readonly string[]): string {
  const list = roles.map((role) => `'${role}'`).join(", ");
  return `api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${list}])`;
}
