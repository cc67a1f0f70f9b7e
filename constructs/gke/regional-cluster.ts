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

/** 03:00 to 07:00 in Seoul, in UTC; at least 48 hours in 32 days. https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions */
const MAINTENANCE_WINDOW = {
  startTime: "2026-01-01T18:00:00Z",
  endTime: "2026-01-01T22:00:00Z",
  recurrence: "FREQ=DAILY",
} as const;

export interface RegionalClusterProps {
  readonly name: string;
  readonly region: string;
  /** Of the nodes; the control plane is in all zones. */
  readonly zones: readonly string[];
  readonly network: string;
  readonly subnetwork: string;
  readonly podsRange: string;
  readonly servicesRange: string;
  /** A /28. */
  readonly controlPlaneCidr: string;
  readonly releaseChannel: "RAPID" | "REGULAR" | "STABLE";
  /** In Google Cloud, and in Terraform, so that a destruction is refused before anything is deleted. */
  readonly deletionProtection: boolean;
  readonly workloadPool: string;
  readonly managedDcgm: boolean;
  /** E-mail address. */
  readonly nodeAccount: string;
  readonly autoProvisioning: {
    /** E-mail address. */
    readonly nodeAccount: string;
    /** With L4s. */
    readonly zones: readonly string[];
    /** Most of the whole cluster, all pools together. */
    readonly maxCpu: number;
    readonly maxMemoryGb: number;
    readonly maxL4: number;
    readonly diskGb: number;
  };
  /** Firewall rules and grants without which nodes cannot join. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A regional GKE Standard cluster with private nodes, made for GPU work.
 * - Auto-provisioning needs limits for cpu, memory and `nvidia-l4`, spelled like this; otherwise it silently provisions
 *   nothing. Limits count the pools' nodes too.
 * - The control plane is reached inside the network, or by the DNS endpoint, where IAM decides.
 * - The default pool is removed, but its nodes must join first: they use the nodes' account, which the firewall admits.
 * - Node autoscaling is BALANCED: a GPU node removed too soon costs minutes of cold start.
 * - Dataplane V2 enforces NetworkPolicies. NodeLocal DNSCache is off: every policy would have to name its pods.
 * - Metrics in Cloud Monitoring are the free ones, and DCGM's where GKE collects them.
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
      lifecycle: {
        // Gone after the creation; a difference would replace the cluster.
        ignoreChanges: ["initial_node_count", "node_config"],
        // `deletionProtection` alone is looked at last, when pools, addresses and accounts are gone.
        preventDestroy: props.deletionProtection,
      },
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
    // "Everybody who is logged in" means every Google account.
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
    // At no charge.
    securityPostureConfig: { mode: "BASIC", vulnerabilityMode: "VULNERABILITY_DISABLED" },
    // Mounts secrets, so that none passes through Terraform.
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
    // Of pools that auto-provisioning makes.
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
    costManagementConfig: { enabled: true },
  };
}
