import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { PATHS, PORTS } from "../app/src/contract/endpoints";
import { AppliedSettings } from "../constructs/applied-settings";
import { idOf, OperatorAccess } from "../constructs/identity/operator-access";
import { SecretContainer } from "../constructs/identity/secret-container";
import { WorkloadAccount } from "../constructs/identity/workload-account";
import { CloudNat } from "../constructs/network/cloud-nat";
import { GoogleApisDns } from "../constructs/network/google-apis-dns";
import { PrivateServicesAccess } from "../constructs/network/private-services-access";
import { PrivateZone } from "../constructs/network/private-zone";
import { PublicZone } from "../constructs/network/public-zone";
import { SecurityPolicy } from "../constructs/network/security-policy";
import { DASHBOARD_PORT, ServingFirewall, SSH_PORT } from "../constructs/network/serving-firewall";
import { Vpc } from "../constructs/network/vpc";
import { CustomMetricDescriptors } from "../constructs/observability/custom-metric-descriptors";
import { ErrorLogMetric } from "../constructs/observability/error-log-metric";
import { MONITORING_PORTS } from "../constructs/observability/monitoring-ports";
import { Bucket } from "../constructs/storage/bucket";
import { DockerRepository } from "../constructs/storage/docker-repository";
import { alertPorts } from "../environment/alert-ports";
import { clusterInSteps } from "../environment/changes-in-steps";
import { embeddingEndpoint } from "../environment/embedding-endpoint";
import type { Environment } from "../environment/environment";
import { hasScheduledJobs } from "../environment/scheduled-jobs";
import { backupRegion } from "../planning/backup-region";
import { DATA_PORTS } from "../planning/data-ports";
import { NAMESPACES, REGISTRY_MIRRORS, SECRETS, type Secret, VECTOR_STORE, type Workload } from "../planning/names";
import type { ProjectRole } from "../planning/project-roles";
import { TerraceStack } from "./terrace-stack";

/** What every machine's account writes, of itself. */
const MACHINE_ROLES: readonly ProjectRole[] = ["roles/logging.logWriter", "roles/monitoring.metricWriter"];

/** What runs by the clock, and the clock. */
const JOB_ACCOUNTS = {
  backup: "Backups and their rehearsals",
  scheduler: "Starts jobs by the clock",
  watchdog: "Stops machines that nobody uses",
} as const satisfies Partial<Record<Workload, string>>;
type JobWorkload = keyof typeof JOB_ACCOUNTS;
type JobAccounts = Partial<Record<JobWorkload, WorkloadAccount>>;

/** Workload → its account. */
type Accounts = Partial<Record<MachineWorkload, WorkloadAccount>> & { readonly "llm-vm": WorkloadAccount };
type MachineWorkload = "llm-vm" | "monitoring" | typeof VECTOR_STORE;

/** Secret → the workload that reads it. */
const SECRET_READERS: Readonly<Record<Secret, MachineWorkload>> = {
  "grafana-admin": "monitoring",
  "slack-webhook": "monitoring",
  "smtp-login": "monitoring",
};

/** What everything else rests on: network, identities, buckets, repositories, secrets, names, and the front door's policy. */
export class FoundationStack extends TerraceStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, "foundation", environment);
    const { settings } = environment;
    const accounts = this.accounts();
    const jobs = this.jobAccounts();
    const vpc = this.network(accounts, jobs);
    this.dns(vpc);
    this.storage(accounts, jobs);
    this.registries(accounts);
    this.secrets(accounts);
    new SecurityPolicy(this, "armor", {
      name: this.names.securityPolicy,
      requestsPerMinute: settings.rateLimit.requestsPerMinute,
      deniedPaths: [PATHS.metrics, PATHS.admin],
      adaptiveProtection: settings.profile === "production",
    });
    new CustomMetricDescriptors(this, "custom-metrics");
    new ErrorLogMetric(this, "error-metric", { name: this.names.errorMetric, namespace: NAMESPACES.serving });
    new OperatorAccess(this, "operators", {
      project: settings.project,
      operators: settings.operators,
      tunnelPorts: settings.monitoring === null ? [SSH_PORT] : [SSH_PORT, DASHBOARD_PORT],
    });
  }

  /** One for each machine of the settings. */
  private accounts(): Accounts {
    const { settings } = this;
    return {
      "llm-vm": this.account("llm-vm", "GPU machines: app and engines", MACHINE_ROLES),
      ...(settings.monitoring === null
        ? {}
        : {
            monitoring: this.account("monitoring", "Prometheus and Grafana", [
              ...MACHINE_ROLES,
              "roles/compute.viewer",
            ]),
          }),
      ...(settings.data.kind === "managed"
        ? { [VECTOR_STORE]: this.account(VECTOR_STORE, "Vector database", MACHINE_ROLES) }
        : {}),
    };
  }

  /** Nobody but the deployer attaches them to a job; no machine has them. */
  private jobAccounts(): JobAccounts {
    const { settings } = this;
    const account = (workload: JobWorkload, projectRoles: readonly ProjectRole[] = []) =>
      new WorkloadAccount(this, `${workload}-account`, {
        project: settings.project,
        accountId: this.names.accountId(workload),
        displayName: JOB_ACCOUNTS[workload],
        projectRoles,
        users: { deployer: this.names.accountMember("deployer") },
      });
    return {
      ...(settings.data.kind === "managed" ? { backup: account("backup") } : {}),
      ...(hasScheduledJobs(this.environment) ? { scheduler: account("scheduler") } : {}),
      // To find them; to stop one is granted on that one.
      ...(settings.idleWatchdog === null ? {} : { watchdog: account("watchdog", ["roles/compute.viewer"]) }),
    };
  }

  private account(
    workload: MachineWorkload,
    displayName: string,
    projectRoles: readonly ProjectRole[],
  ): WorkloadAccount {
    const operators = Object.fromEntries(this.settings.operators.map((member) => [idOf(member), member]));
    return new WorkloadAccount(this, `${workload}-account`, {
      project: this.settings.project,
      accountId: this.names.accountId(workload),
      displayName,
      projectRoles,
      users: { deployer: this.names.accountMember("deployer"), ...operators },
    });
  }

  private network(accounts: Accounts, jobs: JobAccounts): Vpc {
    const { names, settings } = this;
    const { region, network } = settings;
    const vpc = new Vpc(this, "vpc", { name: names.network, region, subnetworkName: names.subnetwork, ...network });
    // The pipeline applies this stack first: what it refuses, no other stack has begun.
    new AppliedSettings(this, "applied-cluster", clusterInSteps(settings)).guard(vpc.network);
    new CloudNat(this, "nat", {
      name: names.of("nat"),
      region,
      network: vpc.network.id,
      subnetwork: vpc.subnetwork.id,
    });
    new ServingFirewall(this, "firewall", {
      name: names.network,
      network: vpc.network.id,
      servingCidr: network.servingCidr,
      llmAccount: accounts["llm-vm"].email,
      appPort: settings.appPort,
      exporterPorts: [PORTS.nodeExporter, PORTS.dcgmExporter],
      monitoringAccount: accounts.monitoring?.email,
      alertPorts: alertPorts(this.environment),
      embeddings: embeddingEndpoint(this.environment),
      watchdog: jobs.watchdog && { account: jobs.watchdog.email, prometheusPort: MONITORING_PORTS.prometheus },
      data: accounts[VECTOR_STORE] && {
        servicesCidr: network.servicesCidr,
        postgresPort: DATA_PORTS.postgres,
        redisPort: DATA_PORTS.redis,
        vectorStorePort: DATA_PORTS.vectorStore,
        vectorStoreAccount: accounts[VECTOR_STORE].email,
        jobAccounts: jobs.backup === undefined ? [] : [jobs.backup.email],
      },
    });
    if (settings.data.kind === "managed") {
      new PrivateServicesAccess(this, "services", {
        name: names.servicesRange,
        network: vpc.network.id,
        servicesCidr: network.servicesCidr,
      });
    }
    return vpc;
  }

  private dns(vpc: Vpc): void {
    const { names, settings } = this;
    new GoogleApisDns(this, "google-apis", { name: names.prefix, network: vpc.network.id });
    new PrivateZone(this, "private-zone", {
      name: names.privateZone,
      domain: names.privateDomain,
      network: vpc.network.id,
    });
    if (settings.domain === null) return;
    const { zone } = new PublicZone(this, "public-zone", {
      name: names.publicZone,
      domain: settings.domain.dnsZone,
      preventDestroy: settings.profile === "production",
    });
    new TerraformOutput(this, "name-servers", {
      value: zone.nameServers,
      description: `Give these to the registrar of ${settings.domain.dnsZone}: until then the name and its certificate do not exist.`,
      staticId: true,
    });
  }

  private storage(accounts: Accounts, jobs: JobAccounts): void {
    const { names, settings } = this;
    const llm = { member: accounts["llm-vm"].member, role: "roles/storage.objectViewer" } as const;
    const preventDestroy = settings.profile === "production";
    new Bucket(this, "models", {
      name: names.bucket("models"),
      location: settings.region,
      role: "models",
      noncurrentDays: 30,
      softDeleteDays: 7,
      preventDestroy,
      grants: { "llm-vm": llm },
    });
    new Bucket(this, "adapters", {
      name: names.bucket("adapters"),
      location: settings.region,
      role: "adapters",
      // An adapter is rolled back to weeks later, and is small.
      noncurrentDays: 90,
      keepNewerVersions: 10,
      softDeleteDays: 30,
      preventDestroy,
      grants: { "llm-vm": llm },
    });
    const { data } = settings;
    new Bucket(this, "backups", {
      name: names.bucket("backups"),
      location: backupRegion(settings.region),
      role: "backups",
      ...(data.kind === "managed"
        ? {
            retention: { days: data.backups.retentionDays, locked: data.backups.locked },
            expireAfterDays: data.backups.retentionDays,
          }
        : {}),
      noncurrentDays: 7,
      softDeleteDays: 30,
      preventDestroy,
      // Creating and reading is neither replacing nor deleting: a job that was taken over cannot destroy what it made.
      grants:
        jobs.backup === undefined
          ? {}
          : {
              backup: { member: jobs.backup.member, role: "roles/storage.objectCreator" },
              "backup-again": { member: jobs.backup.member, role: "roles/storage.objectViewer" },
            },
    });
  }

  private registries(accounts: Accounts): void {
    const { names, settings } = this;
    const readers = members(accounts);
    new DockerRepository(this, "images", {
      name: names.repository,
      region: settings.region,
      description: "Images of this environment.",
      // A trial may push `latest` again; production pulls digests and needs no moving tag.
      immutableTags: settings.profile === "production",
      readers,
    });
    for (const [mirror, upstream] of Object.entries(REGISTRY_MIRRORS)) {
      new DockerRepository(this, `mirror-${mirror}`, {
        name: names.of(mirror),
        region: settings.region,
        description: `Mirror of ${upstream}.`,
        upstream,
        readers,
      });
    }
  }

  /** A container for each secret whose reader exists. */
  private secrets(accounts: Accounts): void {
    for (const secret of SECRETS) {
      const workload = SECRET_READERS[secret];
      const account = accounts[workload];
      if (account === undefined) continue;
      new SecretContainer(this, secret, {
        name: this.names.secret(secret),
        region: this.settings.region,
        readers: { [workload]: account.member },
      });
    }
  }
}

function members(accounts: Accounts): Record<string, string> {
  return Object.fromEntries(Object.entries(accounts).map(([workload, account]) => [workload, account.member]));
}
