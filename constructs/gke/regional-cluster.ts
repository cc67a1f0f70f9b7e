import { ContainerCluster } from "@cdktf/provider-google/lib/container-cluster";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { DISK_TYPE } from "../../planning/disks";
import { L4_RESOURCE } from "../../planning/scaling";
import {
  IMAGE_TYPE,
  KUBELET_READONLY_PORT,
  NODE_MANAGEMENT,
  OAUTH_SCOPES,
  SHIELDED_NODE,
  UPGRADE_IN_PLACE,
} from "./node";

/**
 * Every night from 03:00 to 07:00 in Seoul, after the backup at 02:00. In UTC, which is all that the field takes; GKE
 * wants 48 hours in 32 days at least. https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions
 */
const MAINTENANCE_WINDOW = {
  startTime: "2026-01-01T18:00:00Z",
  endTime: "2026-01-01T22:00:00Z",
  recurrence: "FREQ=DAILY",
} as const;

export interface RegionalClusterProps {
  readonly name: string;
  readonly region: string;
  /** Zones of the nodes. The control plane stands in all zones of the region. */
  readonly zones: readonly string[];
  /** Network link or id. */
  readonly network: string;
  /** Subnetwork link or id. */
  readonly subnetwork: string;
  /** Names of the subnetwork's secondary ranges. */
  readonly podsRange: string;
  readonly servicesRange: string;
  /** The control plane's own range, a /28. */
  readonly controlPlaneCidr: string;
  readonly releaseChannel: "RAPID" | "REGULAR" | "STABLE";
  readonly deletionProtection: boolean;
  /** `PROJECT.svc.id.goog`. */
  readonly workloadPool: string;
  /** GKE runs its own DCGM exporter on GPU nodes. */
  readonly managedDcgm: boolean;
  /** E-mail address of the account of the nodes that pools make. */
  readonly nodeAccount: string;
  readonly autoProvisioning: {
    /** E-mail address of the account of the nodes that GKE makes by itself. */
    readonly nodeAccount: string;
    /** Zones in which it makes them: those with L4s, because GPU nodes are what it is for. */
    readonly zones: readonly string[];
    /** Most vCPUs, GB of memory and L4s of the whole cluster, all pools together. */
    readonly maxCpu: number;
    readonly maxMemoryGb: number;
    readonly maxL4: number;
    readonly diskGb: number;
  };
  /** Firewall rules and grants without which the first nodes could not join. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A regional GKE Standard cluster with private nodes, made for GPU work.
 *
 * - Auto-provisioning needs limits for cpu, memory and `nvidia-l4`, spelled like this: without one of them, or with
 *   another name, it provisions nothing and says nothing. The limits count all nodes, those of the pools too.
 * - Nodes and control plane talk inside the network; from outside there is the DNS endpoint alone, where IAM decides.
 *   No address of the control plane is public, so there is no list of allowed networks to keep.
 * - The default pool is removed, but it exists for some minutes, and waits for nodes that must join: they have the
 *   nodes' own account, because the firewall knows nodes by their account and would leave Google's default outside.
 * - `deletion_protection` is an explicit setting, and must be applied as false before a destroy can work.
 * - Pods are autoscaled by the PERFORMANCE profile, which reads metrics for each autoscaler by itself.
 * - Node autoscaling is BALANCED: a GPU node that OPTIMIZE_UTILIZATION took away a minute too soon is minutes of cold
 *   start away.
 * - Dataplane V2 enforces NetworkPolicies; the add-on of that name does not go with it. NodeLocal DNSCache stays off:
 *   with Dataplane V2 every policy would have to name its pods too.
 * - Logs are those of system and workloads. Metrics sent to Cloud Monitoring are the free system ones, and DCGM's where
 *   GKE collects them, which needs managed collection; all else is Prometheus'.
 *
 * @example
 * new RegionalCluster(this, "cluster", {
 *   name: names.cluster, region, zones, network, subnetwork, podsRange, servicesRange, controlPlaneCidr: "10.37.0.0/28",
 *   releaseChannel: "REGULAR", deletionProtection: true, workloadPool: names.workloadPool, managedDcgm: true, nodeAccount,
 *   autoProvisioning: { nodeAccount: autoNodeAccount, zones, maxCpu: 128, maxMemoryGb: 512, maxL4: 12, diskGb: 200 },
 *   dependsOn: firewall.rules,
 * });
 */
export class RegionalCluster extends Construct {
  readonly resource: ContainerCluster;

  constructor(scope: Construct, id: string, props: RegionalClusterProps) {
    super(scope, id);
    this.resource = new ContainerCluster(this, "cluster", {
      name: props.name,
      location: props.region,
      nodeLocations: [...props.zones],
      deletionProtection: props.deletionProtection,
      releaseChannel: { channel: props.releaseChannel },
      maintenancePolicy: { recurringWindow: MAINTENANCE_WINDOW },
      ...removedDefaultPool(props),
      ...network(props),
      ...security(props),
      ...scaling(props),
      ...observability(props),
      addonsConfig: {
        gcePersistentDiskCsiDriverConfig: { enabled: true },
        gcsFuseCsiDriverConfig: { enabled: true },
        horizontalPodAutoscaling: { disabled: false },
        httpLoadBalancing: { disabled: false },
      },
      dependsOn: props.dependsOn,
    });
  }

  get name(): string {
    return this.resource.name;
  }
}

function removedDefaultPool({ nodeAccount }: RegionalClusterProps) {
  return {
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    nodeConfig: { serviceAccount: nodeAccount, oauthScopes: OAUTH_SCOPES, shieldedInstanceConfig: SHIELDED_NODE },
    // Gone after the creation; any difference later would replace the whole cluster.
    lifecycle: { ignoreChanges: ["initial_node_count", "node_config"] },
  };
}

function network(props: RegionalClusterProps) {
  return {
    network: props.network,
    subnetwork: props.subnetwork,
    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: {
      clusterSecondaryRangeName: props.podsRange,
      servicesSecondaryRangeName: props.servicesRange,
    },
    datapathProvider: "ADVANCED_DATAPATH",
    privateClusterConfig: {
      enablePrivateNodes: true,
      enablePrivateEndpoint: true,
      masterIpv4CidrBlock: props.controlPlaneCidr,
      masterGlobalAccessConfig: { enabled: false },
    },
    masterAuthorizedNetworksConfig: { gcpPublicCidrsAccessEnabled: false },
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled: true },
    },
  };
}

function security({ workloadPool }: RegionalClusterProps) {
  return {
    workloadIdentityConfig: { workloadPool },
    enableShieldedNodes: true,
    enableLegacyAbac: false,
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    // Roles bound to "everybody who is logged in" mean every Google account.
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
    // Tells of misconfigured workloads, at no charge.
    securityPostureConfig: { mode: "BASIC", vulnerabilityMode: "VULNERABILITY_DISABLED" },
    // Mounts a secret's value from Secret Manager, so that none passes through Terraform.
    secretManagerConfig: { enabled: true },
  };
}

function scaling({ autoProvisioning }: RegionalClusterProps) {
  return {
    clusterAutoscaling: {
      enabled: true,
      autoscalingProfile: "BALANCED",
      autoProvisioningLocations: [...autoProvisioning.zones],
      resourceLimits: [
        { resourceType: "cpu", minimum: 0, maximum: autoProvisioning.maxCpu },
        { resourceType: "memory", minimum: 0, maximum: autoProvisioning.maxMemoryGb },
        { resourceType: L4_RESOURCE, minimum: 0, maximum: autoProvisioning.maxL4 },
      ],
      autoProvisioningDefaults: {
        serviceAccount: autoProvisioning.nodeAccount,
        oauthScopes: OAUTH_SCOPES,
        imageType: IMAGE_TYPE,
        diskType: DISK_TYPE,
        diskSize: autoProvisioning.diskGb,
        management: NODE_MANAGEMENT,
        shieldedInstanceConfig: SHIELDED_NODE,
        upgradeSettings: UPGRADE_IN_PLACE,
      },
    },
    podAutoscaling: { hpaProfile: "PERFORMANCE" },
    // For the pools that auto-provisioning makes; those written down say it themselves.
    nodePoolDefaults: { nodeConfigDefaults: { ...KUBELET_READONLY_PORT, gcfsConfig: { enabled: true } } },
    nodePoolAutoConfig: { nodeKubeletConfig: KUBELET_READONLY_PORT },
  };
}

function observability({ managedDcgm }: RegionalClusterProps) {
  return {
    loggingConfig: { enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS"] },
    monitoringConfig: {
      enableComponents: ["SYSTEM_COMPONENTS", ...(managedDcgm ? ["DCGM"] : [])],
      managedPrometheus: { enabled: managedDcgm },
    },
    // The bill by namespace.
    costManagementConfig: { enabled: true },
  };
}
