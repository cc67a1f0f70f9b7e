import { DISK_TYPE } from "../../planning/disks";

/** Roles of the account limit it. https://cloud.google.com/kubernetes-engine/docs/how-to/access-scopes */
export const OAUTH_SCOPES: string[] = ["https://www.googleapis.com/auth/cloud-platform"];

/** The only image that streams images and takes GKE's GPU driver. */
export const IMAGE_TYPE = "COS_CONTAINERD";

/** Secure Boot admits the GPU driver: Google signed GKE's builds. */
export const SHIELDED_NODE = { enableSecureBoot: true, enableIntegrityMonitoring: true } as const;

/** Port 10255 needs no log-in. https://cloud.google.com/kubernetes-engine/docs/how-to/disable-kubelet-readonly-port */
export const KUBELET_READONLY_PORT = { insecureKubeletReadonlyPortEnabled: "FALSE" } as const;

export const NODE_MANAGEMENT = { autoRepair: true, autoUpgrade: true } as const;

/** A surge node would need a GPU beyond the quota. */
export const UPGRADE_IN_PLACE = { strategy: "SURGE", maxSurge: 0, maxUnavailable: 1 } as const;

export interface NodeProps {
  readonly machineType: string;
  readonly diskGb: number;
  /** E-mail address. */
  readonly serviceAccountEmail: string;
  /** The provider's default labels reach the pool, not its machines. */
  readonly labels: Readonly<Record<string, string>>;
}

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
    gcfsConfig: { enabled: true },
    gvnic: { enabled: true },
    shieldedInstanceConfig: SHIELDED_NODE,
    // Pods get their own accounts' tokens, not the node's.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    kubeletConfig: KUBELET_READONLY_PORT,
  };
}

export interface NodePoolProps extends NodeProps {
  /** Within the cluster. */
  readonly name: string;
  readonly cluster: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** In all zones together. */
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** Bounds are `total_*`: the others count each zone. */
export function nodePool(props: NodePoolProps, locationPolicy: "ANY" | "BALANCED") {
  return {
    name: props.name,
    cluster: props.cluster,
    location: props.region,
    nodeLocations: [...props.zones],
    // Of each zone, at creation only.
    initialNodeCount: Math.ceil(props.minNodes / props.zones.length),
    autoscaling: { totalMinNodeCount: props.minNodes, totalMaxNodeCount: props.maxNodes, locationPolicy },
    management: NODE_MANAGEMENT,
    networkConfig: { enablePrivateNodes: true },
    lifecycle: { ignoreChanges: ["initial_node_count"] },
  };
}
