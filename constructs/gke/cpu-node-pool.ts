import { ContainerNodePool } from "@cdktf/provider-google/lib/container-node-pool";
import { Construct } from "constructs";
import { NODE_MANAGEMENT, type NodeProps, nodeConfig } from "./node";

export interface CpuNodePoolProps extends NodeProps {
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

/**
 * Nodes for gateways, web and add-ons.
 *
 * - Bounds are `total_*`: `min_node_count` and `max_node_count` count each zone by itself, and two zones double them.
 * - An upgrade adds a node first, so that gateways move before theirs goes.
 *
 * @example
 * new CpuNodePool(this, "cpu", {
 *   name: "cpu", cluster, region, zones, machineType: "e2-standard-4", diskGb: 100, serviceAccountEmail, labels, minNodes: 2, maxNodes: 4,
 * });
 */
export class CpuNodePool extends Construct {
  readonly resource: ContainerNodePool;

  constructor(scope: Construct, id: string, props: CpuNodePoolProps) {
    super(scope, id);
    this.resource = new ContainerNodePool(this, "pool", {
      name: props.name,
      cluster: props.cluster,
      location: props.region,
      nodeLocations: [...props.zones],
      // Of each zone, and read at the creation only.
      initialNodeCount: Math.ceil(props.minNodes / props.zones.length),
      autoscaling: {
        totalMinNodeCount: props.minNodes,
        totalMaxNodeCount: props.maxNodes,
        locationPolicy: "BALANCED",
      },
      management: NODE_MANAGEMENT,
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
      networkConfig: { enablePrivateNodes: true },
      nodeConfig: nodeConfig(props),
      lifecycle: { ignoreChanges: ["initial_node_count"] },
    });
  }
}
