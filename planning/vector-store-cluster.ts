export type VectorStoreReplicas = "1" | "3";

export interface VectorStoreSpread {
  readonly replicas: number;
  /** Of a new collection. */
  readonly shardsPerPod: number;
  readonly replicationFactor: number;
  /** Before a write counts. */
  readonly writeConsistencyFactor: number;
}

/**
 * Three pods keep two copies of six shards: any one may go, and six divide by 1, 2, 3 and 6, so the cluster can grow. A
 * write counts with one copy, so that losing a pod stops none.
 * https://qdrant.tech/documentation/guides/distributed_deployment/
 */
export function vectorStoreSpread(replicas: VectorStoreReplicas): VectorStoreSpread {
  return replicas === "1"
    ? { replicas: 1, shardsPerPod: 1, replicationFactor: 1, writeConsistencyFactor: 1 }
    : { replicas: 3, shardsPerPod: 2, replicationFactor: 2, writeConsistencyFactor: 1 };
}
