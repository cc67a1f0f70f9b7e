import { ContainerNodePool } from "@cdktf/provider-google/lib/container-node-pool";
import { Construct } from "constructs";
import { L4_RESOURCE } from "../../planning/scaling";
import { type NodePoolProps, nodeConfig, nodePool, UPGRADE_IN_PLACE } from "./node";

/** Taint that keeps everything without a GPU off the node. GKE's own; pods that ask for a GPU tolerate it by admission. */
const GPU_TAINT = { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" } as const;

export interface GpuNodePoolProps extends NodePoolProps {
  /** Zones with L4s; in another one the pool cannot be made at all. */
  readonly zones: readonly string[];
  /** L4s of one node, as its machine type has them. */
  readonly l4Count: number;
  readonly spot: boolean;
  /** `gke`: installed with the node. `daemonset`: not by GKE, because a DaemonSet will. */
  readonly driver: "gke" | "daemonset";
}

/**
 * Nodes with L4 GPUs.
 *
 * - Who installs the driver is said outright. Left out, it depends on the control plane's version, and an old one leaves
 *   nodes whose GPUs no pod ever sees. With the DaemonSet GKE must keep its hands off, or both install.
 * - No surge at upgrades: a surge node needs a GPU beyond the quota. One node at a time leaves first.
 * - Bounds are `total_*`: the others count each zone by itself.
 * - On-demand nodes are spread over zones; Spot nodes come from where there are any.
 * - Spot nodes have no taint of their own: they are for the same engines, over the floor of the on-demand pool.
 *
 * @example
 * new GpuNodePool(this, "gpu", {
 *   name: "gpu", cluster: names.cluster, region, zones, machineType: "g2-standard-8", l4Count: 1, diskGb: 200, serviceAccountEmail, labels,
 *   minNodes: 2, maxNodes: 12, spot: false, driver: "gke",
 * });
 */
export class GpuNodePool extends Construct {
  readonly resource: ContainerNodePool;

  constructor(scope: Construct, id: string, props: GpuNodePoolProps) {
    super(scope, id);
    this.resource = new ContainerNodePool(this, "pool", {
      ...nodePool(props, props.spot ? "ANY" : "BALANCED"),
      upgradeSettings: UPGRADE_IN_PLACE,
      nodeConfig: {
        ...nodeConfig(props),
        spot: props.spot,
        guestAccelerator: [
          {
            type: L4_RESOURCE,
            count: props.l4Count,
            gpuDriverInstallationConfig: {
              gpuDriverVersion: props.driver === "gke" ? "DEFAULT" : "INSTALLATION_DISABLED",
            },
          },
        ],
        taint: [GPU_TAINT],
      },
    });
  }
}
