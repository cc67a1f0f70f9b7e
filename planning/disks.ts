/** GB of the boot disk of a machine that keeps its data on a disk of its own: Container-Optimized OS and a few images. */
export const SMALL_BOOT_DISK_GB = 20;
