import { DATA_PORTS } from "../../planning/data-ports";
import { VECTOR_STORE } from "../../planning/names";
import type { VectorStoreSpread } from "../../planning/vector-store-cluster";

/** https://qdrant.tech/documentation/guides/distributed_deployment/ */
export const QDRANT_PEER_PORT = 6335;
export const QDRANT_POD_LABELS = {
  "app.kubernetes.io/name": "qdrant",
  "app.kubernetes.io/instance": VECTOR_STORE,
} as const;

export interface QdrantValuesProps {
  /** Without tag. */
  readonly repository: string;
  /** The chart compares versions, so it cannot be a digest. */
  readonly tag: string;
  readonly spread: VectorStoreSpread;
  /** Of each pod; a second disk of the same size takes snapshots. */
  readonly diskGib: number;
  readonly storageClass: string;
}

/**
 * Vectors and payload on disk, snapshots on a volume of their own. Shards and copies apply to new collections only. A
 * pod that leaves takes its shards along unless they were moved first.
 */
export function qdrantValues({ repository, tag, spread, diskGib, storageClass }: QdrantValuesProps): object {
  const disk = { size: `${diskGib}Gi`, storageClassName: storageClass };
  return {
    fullnameOverride: VECTOR_STORE,
    replicaCount: spread.replicas,
    image: { repository, tag },
    service: {
      ports: [
        {
          name: "http",
          port: DATA_PORTS.vectorStore,
          targetPort: DATA_PORTS.vectorStore,
          protocol: "TCP",
          checksEnabled: true,
        },
        { name: "p2p", port: QDRANT_PEER_PORT, targetPort: QDRANT_PEER_PORT, protocol: "TCP", checksEnabled: false },
      ],
    },
    // The init container runs as root; the volume's group does without it.
    updateVolumeFsOwnership: false,
    podSecurityContext: {
      fsGroup: 3000,
      // Any other policy walks through every file at each start.
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    containerSecurityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 2000,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    // Source: R-22.
    resources: { requests: { cpu: "500m", memory: "2Gi" }, limits: { memory: "4Gi" } },
    persistence: disk,
    snapshotPersistence: { enabled: true, ...disk },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        // Two pods on one node are two copies lost at once.
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: QDRANT_POD_LABELS },
      },
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: QDRANT_POD_LABELS },
      },
    ],
    podDisruptionBudget: { enabled: spread.replicas > 1, maxUnavailable: 1 },
    metrics: { serviceMonitor: { enabled: true } },
    config: {
      telemetry_disabled: true,
      // A single node that was started without it cannot be joined later.
      cluster: { enabled: true, p2p: { port: QDRANT_PEER_PORT } },
      storage: {
        on_disk_payload: true,
        collection: {
          replication_factor: spread.replicationFactor,
          write_consistency_factor: spread.writeConsistencyFactor,
          shard_number_per_node: spread.shardsPerPod,
          vectors: { on_disk: true },
        },
      },
    },
  };
}
