/** API → what needs it. Names: https://cloud.google.com/service-usage/docs/list-services. */
const ALWAYS = {
  "artifactregistry.googleapis.com": "own images and the mirrors of public registries",
  "certificatemanager.googleapis.com": "certificate of the public name",
  "cloudresourcemanager.googleapis.com": "role bindings on the project",
  "compute.googleapis.com": "machines, network, load balancer, Cloud Armor",
  "dns.googleapis.com": "public and private zones",
  "iam.googleapis.com": "service accounts, custom roles, the workload identity pool",
  "iamcredentials.googleapis.com": "short-lived tokens of the deployer and planner accounts",
  "iap.googleapis.com": "SSH to machines without an external address",
  "logging.googleapis.com": "logs of machines, firewall, load balancer",
  "monitoring.googleapis.com": "autoscaling metrics, uptime checks, alert policies",
  "oslogin.googleapis.com": "operators' logins",
  "secretmanager.googleapis.com": "secret containers",
  "serviceusage.googleapis.com": "enabling the others",
  "storage.googleapis.com": "state, models, adapters, backups",
  "sts.googleapis.com": "exchange of GitHub's token for Google's",
} as const;

const SCHEDULED_JOBS = {
  "cloudscheduler.googleapis.com": "starts jobs by the clock",
  "run.googleapis.com": "runs them: backups, rehearsals, the idle watchdog",
} as const;

const MANAGED_DATA = {
  "memorystore.googleapis.com": "Memorystore for Valkey",
  "networkconnectivity.googleapis.com": "the service connection policy that gives Memorystore its address",
  "serviceconsumermanagement.googleapis.com": "the same policy's other end",
  "servicenetworking.googleapis.com": "private services access for Cloud SQL",
  "sqladmin.googleapis.com": "Cloud SQL",
} as const;

const CLUSTER = {
  "container.googleapis.com": "the GKE cluster",
  "containerfilesystem.googleapis.com": "image streaming to its nodes",
} as const;

export function projectServices(needs: {
  readonly managedData: boolean;
  readonly cluster: boolean;
  readonly scheduledJobs: boolean;
}): readonly string[] {
  return Object.keys({
    ...ALWAYS,
    ...(needs.managedData ? MANAGED_DATA : {}),
    ...(needs.scheduledJobs ? SCHEDULED_JOBS : {}),
    ...(needs.cluster ? CLUSTER : {}),
  }).sort();
}
