import { ContainerNodePool } from "@cdktf/provider-google/lib/container-node-pool";
import { Construct } from "constructs";
import { L4_RESOURCE } from "../../planning/scaling";
import { type NodePoolProps, nodeConfig, nodePool, UPGRADE_IN_PLACE } from "./node";

/** GKE's own taint; pods that request a GPU tolerate it by admission. */
const GPU_TAINT = { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" } as const;

export interface GpuNodePoolProps extends NodePoolProps {
  /** Must have L4s. */
  readonly zones: readonly string[];
  readonly l4Count: number;
  readonly spot: boolean;
  /** `daemonset`: a DaemonSet installs it, not GKE. */
  readonly driver: "gke" | "daemonset";
}

/**
 * Nodes with L4 GPUs.
 * - The driver's installer is written: the default depends on the control plane's version, and an old one leaves GPUs
 *   unseen.
 * - No surge at upgrades: a surge node needs a GPU beyond the quota.
 * - Bounds are `total_*`: the others count each zone.
 * - Spot nodes come from any zone and have no taint of their own: the same engines run there, over the on-demand floor.
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
