export type ValkeyNodeType = "SHARED_CORE_NANO" | "STANDARD_SMALL" | "HIGHMEM_MEDIUM" | "HIGHMEM_XLARGE";

export interface ValkeyNode {
  readonly type: ValkeyNodeType;
  /** Valkey itself keeps a part. */
  readonly memoryGb: number;
  /** Default: 80 % of the memory. */
  readonly writableGb: number;
  /** False: one shared core, no service-level agreement, "unsuitable for production workloads". */
  readonly production: boolean;
}

/** By size. Source: https://cloud.google.com/memorystore/docs/valkey/instance-node-specification. */
export const VALKEY_NODES: readonly ValkeyNode[] = [
  { type: "SHARED_CORE_NANO", memoryGb: 1.4, writableGb: 1.12, production: false },
  { type: "STANDARD_SMALL", memoryGb: 6.5, writableGb: 5.2, production: true },
  { type: "HIGHMEM_MEDIUM", memoryGb: 13, writableGb: 10.4, production: true },
  { type: "HIGHMEM_XLARGE", memoryGb: 58, writableGb: 46.4, production: true },
];

/** @throws RangeError beyond the largest node: an instance without cluster mode is one shard. */
export function valkeyNode(memoryGb: number, needs: { readonly production: boolean }): ValkeyNode {
  const node = VALKEY_NODES.find(
    (candidate) => candidate.writableGb >= memoryGb && (candidate.production || !needs.production),
  );
  if (node === undefined) {
    const largest = VALKEY_NODES.at(-1)?.writableGb ?? 0;
    throw new RangeError(`redis.memoryGb ${memoryGb} is more than the ${largest} GB that one shard holds`);
  }
  return node;
}

/** A primary and, when highly available, a replica in another zone. */
export function valkeyNodeCount(needs: { readonly highAvailability: boolean }): number {
  return needs.highAvailability ? 2 : 1;
}
