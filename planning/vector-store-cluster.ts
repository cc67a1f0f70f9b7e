/** Pods of Qdrant in the cluster: one, or three that copy each other. */
export type VectorStoreReplicas = "1" | "3";

/** How Qdrant spreads a collection over its pods. */
export interface VectorStoreSpread {
  readonly replicas: number;
  /** Shards that a new collection gets for each pod. */
  readonly shardsPerPod: number;
  /** Copies of each shard. */
  readonly replicationFactor: number;
  /** Copies that must have a write before it counts. */
  readonly writeConsistencyFactor: number;
}

/**
 * One pod keeps one copy, of one shard. Three keep two copies of six shards: any one pod may go, and six shards divide
 * by one, two, three and six pods, so that the cluster can grow without a new collection. A write counts with one copy,
 * so that losing a pod stops no write; the other copy catches up.
 * Source: https://qdrant.tech/documentation/guides/distributed_deployment/
 */
export function vectorStoreSpread(replicas: VectorStoreReplicas): VectorStoreSpread {
  return replicas === "1"
    ? { replicas: 1, shardsPerPod: 1, replicationFactor: 1, writeConsistencyFactor: 1 }
    : { replicas: 3, shardsPerPod: 2, replicationFactor: 2, writeConsistencyFactor: 1 };
}
