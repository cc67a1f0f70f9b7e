/** What every node of a cluster has in common, whichever pool makes it. */
import { DISK_TYPE } from "../../planning/disks";

/**
 * Scope of a node's tokens. What they may do is the account's roles alone; narrower scopes are Google's older way.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/access-scopes
 */
export const OAUTH_SCOPES: string[] = ["https://www.googleapis.com/auth/cloud-platform"];

/** Container-Optimized OS, the only image that streams images and takes GKE's GPU driver. */
export const IMAGE_TYPE = "COS_CONTAINERD";

/** Secure Boot admits the GPU driver too: GKE installs builds that Google signed for the image. */
export const SHIELDED_NODE = { enableSecureBoot: true, enableIntegrityMonitoring: true } as const;

/** The kubelet's port 10255 answers anybody, without a log-in. https://cloud.google.com/kubernetes-engine/docs/how-to/disable-kubelet-readonly-port */
export const KUBELET_READONLY_PORT = { insecureKubeletReadonlyPortEnabled: "FALSE" } as const;

/** Broken nodes are repaired and all are upgraded, within the cluster's maintenance window. */
export const NODE_MANAGEMENT = { autoRepair: true, autoUpgrade: true } as const;

/**
 * One node leaves before its successor comes. With a surge node instead, an upgrade would need a GPU beyond the quota
 * and stand still.
 */
export const UPGRADE_IN_PLACE = { strategy: "SURGE", maxSurge: 0, maxUnavailable: 1 } as const;

export interface NodeProps {
  readonly machineType: string;
  readonly diskGb: number;
  /** E-mail address of the nodes' service account. */
  readonly serviceAccountEmail: string;
  /** The provider's default labels reach the pool, not its machines. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Arguments of `node_config` that all pools share. */
export function nodeConfig({ machineType, diskGb, serviceAccountEmail, labels }: NodeProps) {
  return {
    machineType,
    diskType: DISK_TYPE,
    diskSizeGb: diskGb,
    imageType: IMAGE_TYPE,
    serviceAccount: serviceAccountEmail,
    oauthScopes: OAUTH_SCOPES,
    resourceLabels: { ...labels },
    metadata: { "disable-legacy-endpoints": "true" },
    // Image streaming: a container starts while its image still comes.
    gcfsConfig: { enabled: true },
    gvnic: { enabled: true },
    shieldedInstanceConfig: SHIELDED_NODE,
    // Pods see the metadata server of GKE, which knows their own accounts, not the node's.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    kubeletConfig: KUBELET_READONLY_PORT,
  };
}

export interface NodePoolProps extends NodeProps {
  /** Name within the cluster. */
  readonly name: string;
  /** Name or id of the cluster. */
  readonly cluster: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** Bounds of the nodes in all zones together. */
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** Arguments that all node pools share. Bounds are `total_*`: the others count each zone by itself. */
export function nodePool(props: NodePoolProps, locationPolicy: "ANY" | "BALANCED") {
  return {
    name: props.name,
    cluster: props.cluster,
    location: props.region,
    nodeLocations: [...props.zones],
    // Of each zone, and read at the creation only.
    initialNodeCount: Math.ceil(props.minNodes / props.zones.length),
    autoscaling: { totalMinNodeCount: props.minNodes, totalMaxNodeCount: props.maxNodes, locationPolicy },
    management: NODE_MANAGEMENT,
    networkConfig: { enablePrivateNodes: true },
    lifecycle: { ignoreChanges: ["initial_node_count"] },
  };
}
