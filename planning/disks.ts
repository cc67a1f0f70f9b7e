/** G2 machines take no pd-standard. https://cloud.google.com/compute/docs/accelerator-optimized-machines#g2-disks */
export const DISK_TYPE = "pd-balanced";

/** Holds Container-Optimized OS and a few images. */
export const SMALL_BOOT_DISK_GB = 20;

/**
 * Boot disk of a cluster's node. `cpu`: GKE's default. `gpu`: holds the engine's image and weights.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/custom-boot-disks
 */
export const NODE_DISK_GB = { cpu: 100, gpu: 200 } as const;
