import { ContainerNodePool } from "@cdktf/provider-google/lib/container-node-pool";
import { Construct } from "constructs";
import { type NodePoolProps, nodeConfig, nodePool } from "./node";

/**
 * For gateways, web and add-ons. An upgrade adds a node first. Bounds are `total_*`: the others count each zone.
 * @example
 * new CpuNodePool(this, "cpu", {
 *   name: "cpu", cluster: names.cluster, region, zones, machineType: "e2-standard-4", diskGb: 100, serviceAccountEmail, labels, minNodes: 2, maxNodes: 4,
 * });
 */
export class CpuNodePool extends Construct {
  readonly resource: ContainerNodePool;

  constructor(scope: Construct, id: string, props: NodePoolProps) {
    super(scope, id);
    this.resource = new ContainerNodePool(this, "pool", {
      ...nodePool(props, "BALANCED"),
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
      nodeConfig: nodeConfig(props),
    });
  }
}
