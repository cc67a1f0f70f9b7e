import { ArtifactRegistryRepositoryIamMember } from "@cdktf/provider-google/lib/artifact-registry-repository-iam-member";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { type ITerraformDependable, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { applyAfter } from "../constructs/apply-after";
import { StoreLogin } from "../constructs/data/store-login";
import { ClusterFirewall } from "../constructs/gke/cluster-firewall";
import { ClusterSubnetwork } from "../constructs/gke/cluster-subnetwork";
import { CpuNodePool } from "../constructs/gke/cpu-node-pool";
import { GpuNodePool } from "../constructs/gke/gpu-node-pool";
import { IngressAddress } from "../constructs/gke/ingress-address";
import { PodAccount } from "../constructs/gke/pod-account";
import { RegionalCluster } from "../constructs/gke/regional-cluster";
import { WorkloadAccount } from "../constructs/identity/workload-account";
import { CloudNat } from "../constructs/network/cloud-nat";
import { alertPorts } from "../environment/alert-ports";
import { backupRunner } from "../environment/backups";
import { embeddingEndpoint } from "../environment/embedding-endpoint";
import type { Environment } from "../environment/environment";
import { DATA_PORTS } from "../planning/data-ports";
import { NODE_DISK_GB } from "../planning/disks";
import { L4_ZONES, MACHINE_TYPES } from "../planning/gpus";
import { NAMESPACES, POD_ACCOUNTS, REGISTRY_MIRRORS, VECTOR_STORE } from "../planning/names";
import { GPU_NODE_MACHINE } from "../planning/scaling";
import type { KubernetesSettings } from "../settings/schema/settings";
import { TerraceStack } from "./terrace-stack";

/** Accounts of nodes: those that pools make, and those that GKE makes by itself. */
const NODE_ACCOUNTS = {
  "gke-node": "Nodes of the cluster's pools",
  "gke-auto-node": "Nodes that auto-provisioning makes",
} as const;
type NodeAccount = keyof typeof NODE_ACCOUNTS;

/**
 * Step 2: the cluster with its node pools and auto-provisioning, the way in and out of it, and the accounts of its nodes
 * and pods. What runs in it is the next stacks'.
 *
 * The Ingress' address and record are here, not in `edge`: the release that uses the address by name is applied
 * before `edge` is, and a name must belong to the stack that comes first (docs/adr/0002).
 */
export class GkeClusterStack extends TerraceStack {
  private readonly kubernetes: KubernetesSettings;

  /** @throws RangeError where the settings have no cluster. */
  constructor(scope: Construct, environment: Environment) {
    super(scope, "gke-cluster", environment);
    const { settings } = environment;
    const { kubernetes } = settings;
    if (kubernetes === null)
      throw new RangeError(`${settings.environment}: kubernetes is null, so there is no cluster`);
    this.kubernetes = kubernetes;
    const nodes = {
      "gke-node": this.nodeAccount("gke-node"),
      "gke-auto-node": this.nodeAccount("gke-auto-node"),
    };
    const firewall = this.firewall(Object.values(nodes));
    const cluster = this.cluster(nodes, firewall.rules);
    this.pools(cluster.name, nodes["gke-node"].email);
    this.podAccounts([cluster.resource]);
    new IngressAddress(this, "ingress", {
      name: this.names.ingressAddress,
      host: kubernetes.host,
      dnsZone: this.names.publicZone,
    });
    new TerraformOutput(this, "get_credentials", {
      value: `gcloud container clusters get-credentials ${this.names.cluster} --location ${settings.region} --project ${settings.project} --dns-endpoint`,
      description: "Writes a kubeconfig entry; IAM decides what it may do.",
    });
  }

  /** An account whose nodes pull images from the environment's registries, and write logs and metrics. */
  private nodeAccount(workload: NodeAccount): WorkloadAccount {
    const { names, settings } = this;
    const account = new WorkloadAccount(this, `${workload}-account`, {
      project: settings.project,
      accountId: names.accountId(workload),
      displayName: NODE_ACCOUNTS[workload],
      projectRoles: ["roles/container.defaultNodeServiceAccount"],
      users: { deployer: names.accountMember("deployer") },
    });
    const repositories = {
      images: names.repository,
      ...Object.fromEntries(Object.keys(REGISTRY_MIRRORS).map((mirror) => [`mirror-${mirror}`, names.of(mirror)])),
    };
    for (const [id, repository] of Object.entries(repositories)) {
      new ArtifactRegistryRepositoryIamMember(this, `${workload}-reads-${id}`, {
        project: settings.project,
        location: settings.region,
        repository,
        role: "roles/artifactregistry.reader",
        member: account.member,
      });
    }
    return account;
  }

  private firewall(nodes: readonly WorkloadAccount[]): ClusterFirewall {
    const { names, settings, kubernetes } = this;
    return new ClusterFirewall(this, "firewall", {
      name: names.cluster,
      network: names.networkLink(),
      nodeAccounts: nodes.map(({ email }) => email),
      ...kubernetes.network,
      appPort: settings.appPort,
      embeddings: embeddingEndpoint(this.environment),
      alertPorts: alertPorts(this.environment),
      ...(settings.data.kind === "managed"
        ? {
            data: {
              servicesCidr: settings.network.servicesCidr,
              servingCidr: settings.network.servingCidr,
              postgresPort: DATA_PORTS.postgres,
              redisPort: DATA_PORTS.redis,
              vectorStorePort: DATA_PORTS.vectorStore,
              vectorStoreAccount: names.accountEmail(VECTOR_STORE),
            },
          }
        : {}),
    });
  }

  private cluster(nodes: Record<NodeAccount, WorkloadAccount>, dependsOn: ITerraformDependable[]): RegionalCluster {
    const { names, settings, kubernetes } = this;
    const { network, autoProvisioning } = kubernetes;
    const subnetwork = new ClusterSubnetwork(this, "subnetwork", {
      name: names.clusterSubnetwork,
      region: settings.region,
      network: names.networkLink(),
      nodesCidr: network.nodesCidr,
      pods: { rangeName: names.podsRange, cidr: network.podsCidr },
      services: { rangeName: names.clusterServicesRange, cidr: network.servicesCidr },
    });
    if (alertPorts(this.environment).length > 0) {
      new CloudNat(this, "nat", {
        name: names.of("gke-nat"),
        region: settings.region,
        network: names.networkLink(),
        subnetwork: subnetwork.resource.id,
        secondaryRanges: true,
      });
    }
    return new RegionalCluster(this, "cluster", {
      name: names.cluster,
      region: settings.region,
      zones: kubernetes.zones,
      network: names.networkLink(),
      subnetwork: subnetwork.resource.id,
      podsRange: names.podsRange,
      servicesRange: names.clusterServicesRange,
      controlPlaneCidr: network.controlPlaneCidr,
      releaseChannel: kubernetes.releaseChannel,
      deletionProtection: kubernetes.deletionProtection,
      workloadPool: names.workloadPool,
      managedDcgm: kubernetes.dcgm === "managed",
      nodeAccount: nodes["gke-node"].email,
      autoProvisioning: {
        ...autoProvisioning,
        nodeAccount: nodes["gke-auto-node"].email,
        zones: this.gpuZones(),
        diskGb: NODE_DISK_GB.gpu,
      },
      dependsOn,
    });
  }

  private pools(cluster: string, serviceAccountEmail: string): void {
    const { settings, kubernetes } = this;
    const { cpuPool, gpuPool, driver } = kubernetes;
    const common = {
      cluster,
      region: settings.region,
      serviceAccountEmail,
      labels: this.labels,
    };
    new CpuNodePool(this, "cpu", {
      ...common,
      ...cpuPool,
      name: "cpu",
      zones: kubernetes.zones,
      diskGb: NODE_DISK_GB.cpu,
    });
    const gpu = {
      ...common,
      zones: this.gpuZones(),
      machineType: GPU_NODE_MACHINE,
      l4Count: MACHINE_TYPES[GPU_NODE_MACHINE].l4Count,
      diskGb: NODE_DISK_GB.gpu,
      driver,
    };
    const { minNodes, maxNodes, spotMaxNodes } = gpuPool;
    new GpuNodePool(this, "gpu", { ...gpu, name: "gpu", minNodes, maxNodes, spot: false });
    if (spotMaxNodes > 0) {
      new GpuNodePool(this, "gpu-spot", { ...gpu, name: "gpu-spot", minNodes: 0, maxNodes: spotMaxNodes, spot: true });
    }
  }

  /** Zones of the cluster that have L4s; the settings see to it that there is one. */
  private gpuZones(): string[] {
    return this.kubernetes.zones.filter((zone) => zone in L4_ZONES);
  }

  /** Accounts that pods act as, with what each reads and writes, and nothing else. */
  private podAccounts(dependsOn: ITerraformDependable[]): void {
    const { names, settings } = this;
    const { engine } = POD_ACCOUNTS;
    const account = (serviceAccount: keyof typeof POD_ACCOUNTS, displayName: string) =>
      new PodAccount(this, POD_ACCOUNTS[serviceAccount], {
        accountId: names.accountId(POD_ACCOUNTS[serviceAccount]),
        displayName,
        podMember: names.podMember(NAMESPACES.serving, serviceAccount),
        dependsOn,
      });
    const engines = account("engine", "Engine pods: read weights and adapters").member;
    for (const bucket of settings.modelSource === "gcs" ? (["models", "adapters"] as const) : (["adapters"] as const)) {
      this.bucketGrant(`${engine}-reads-${bucket}`, names.bucket(bucket), "roles/storage.objectViewer", engines);
    }
    this.storeLogin("gateway", account("gateway", "Gateway pods: log in to the stores"));
    const jobs = account("jobs", "Jobs' pods: log in to the stores");
    this.storeLogin("jobs", jobs);
    if (backupRunner(this.environment) === "cluster") {
      // As the job outside the cluster: neither replacing nor deleting.
      for (const role of ["objectCreator", "objectViewer"] as const) {
        this.bucketGrant(`jobs-${role}-backups`, names.bucket("backups"), `roles/storage.${role}`, jobs.member);
      }
    }
    this.storeLogin("migration", account("migration", "Migration: changes the database's schema"), { redis: false });
  }

  private storeLogin(
    serviceAccount: keyof typeof POD_ACCOUNTS,
    account: PodAccount,
    options?: { readonly redis: boolean },
  ): void {
    const { names, settings } = this;
    if (settings.data.kind !== "managed") return;
    const login = new StoreLogin(this, `${POD_ACCOUNTS[serviceAccount]}-login`, {
      project: settings.project,
      account: names.accountEmail(POD_ACCOUNTS[serviceAccount]),
      sqlInstance: names.sqlInstance,
      ...options,
    });
    applyAfter(login, [account]);
  }

  private bucketGrant(id: string, bucket: string, role: string, member: string): void {
    new StorageBucketIamMember(this, id, { bucket, role, member });
  }
}
