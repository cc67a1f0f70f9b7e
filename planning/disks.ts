/** Type of every disk. G2 machines take no pd-standard. https://cloud.google.com/compute/docs/accelerator-optimized-machines#g2-disks */
export const DISK_TYPE = "pd-balanced";

/** GB of the boot disk of a machine that keeps its data on a disk of its own: Container-Optimized OS and a few images. */
export const SMALL_BOOT_DISK_GB = 20;

/**
 * GB of the pd-balanced boot disk of a cluster's node. `cpu`: GKE's default. `gpu`: as for a GPU VM, because the engine's
 * image and the model's weights lie there. Source: https://cloud.google.com/kubernetes-engine/docs/how-to/custom-boot-disks
 */
export const NODE_DISK_GB = { cpu: 100, gpu: 200 } as const;
