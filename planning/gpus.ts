/** G2 machine types, what their L4s can do, and the zones that offer them. Tables only; nothing here calls Google. */

/** The only series with NVIDIA L4 GPUs. */
export type MachineType =
  | "g2-standard-4"
  | "g2-standard-8"
  | "g2-standard-12"
  | "g2-standard-16"
  | "g2-standard-24"
  | "g2-standard-32"
  | "g2-standard-48"
  | "g2-standard-96";

export interface MachineShape {
  readonly vcpus: number;
  /** GiB of RAM: G2's default. */
  readonly memoryGib: number;
  /** Fixed by the machine type, so a VM declares no accelerator of its own. */
  readonly l4Count: number;
}

/** Source: https://cloud.google.com/compute/docs/accelerator-optimized-machines#g2-vms. */
export const MACHINE_TYPES: Readonly<Record<MachineType, MachineShape>> = {
  "g2-standard-4": { vcpus: 4, memoryGib: 16, l4Count: 1 },
  "g2-standard-8": { vcpus: 8, memoryGib: 32, l4Count: 1 },
  "g2-standard-12": { vcpus: 12, memoryGib: 48, l4Count: 1 },
  "g2-standard-16": { vcpus: 16, memoryGib: 64, l4Count: 1 },
  "g2-standard-24": { vcpus: 24, memoryGib: 96, l4Count: 2 },
  "g2-standard-32": { vcpus: 32, memoryGib: 128, l4Count: 1 },
  "g2-standard-48": { vcpus: 48, memoryGib: 192, l4Count: 4 },
  "g2-standard-96": { vcpus: 96, memoryGib: 384, l4Count: 8 },
};

export function isMachineType(x: string): x is MachineType {
  return Object.hasOwn(MACHINE_TYPES, x);
}

const MIB = 1024 ** 2;

export const L4 = {
  /** As `nvidia-smi` reports: 23,034 MiB of the card's 24 GB; ECC and firmware keep the rest. */
  memoryBytes: 23_034 * MIB,
  /**
   * What a CUDA program sees, and vLLM's `--gpu-memory-utilization` is a share of. Source: start-up logs of vLLM on an
   * L4, "total_gpu_memory (22.06GiB)" and "(22.07GiB)".
   */
  cudaMemoryBytes: Math.floor(22.06 * 1024 * MIB),
  /** Source: NVIDIA L4 data sheet. */
  memoryBandwidthBytesPerSecond: 300e9,
  /** Dense. Source: NVIDIA L4 data sheet (242 TFLOPS with sparsity). */
  fp16Flops: 121e12,
} as const;

export interface ZoneFact {
  readonly source: string;
  /** False: believed, and read in no source that we could open. Check with `gcloud compute accelerator-types list`. */
  readonly confirmed: boolean;
}

/** Google's list of machine types, as SkyPilot collected it, has the G2 series there. */
const g2Listed: ZoneFact = {
  source:
    "https://github.com/skypilot-org/skypilot-catalog/blob/006059e0f18acb1341e22a27751e9f80df6ba92f/catalogs/v8/gcp/vms.csv",
  confirmed: true,
};

/**
 * Offered is no quota: `gcloud compute accelerator-types list --filter=name=nvidia-l4` shows what a project may use.
 */
export const L4_ZONES: Readonly<Record<string, ZoneFact>> = {
  "asia-east1-a": g2Listed,
  "asia-east1-b": g2Listed,
  "asia-east1-c": g2Listed,
  "asia-northeast1-a": g2Listed,
  "asia-northeast1-b": g2Listed,
  "asia-northeast1-c": g2Listed,
  "asia-northeast3-a": g2Listed,
  "asia-northeast3-b": g2Listed,
  "asia-south1-a": g2Listed,
  "asia-south1-b": g2Listed,
  "asia-south1-c": g2Listed,
  "asia-southeast1-a": g2Listed,
  "asia-southeast1-b": g2Listed,
  "asia-southeast1-c": g2Listed,
  "europe-west1-b": g2Listed,
  "europe-west1-c": g2Listed,
  "europe-west2-a": g2Listed,
  "europe-west2-b": g2Listed,
  "europe-west3-a": g2Listed,
  "europe-west3-b": g2Listed,
  "europe-west4-a": g2Listed,
  "europe-west4-b": g2Listed,
  "europe-west4-c": g2Listed,
  "europe-west6-b": g2Listed,
  "europe-west6-c": g2Listed,
  "me-central2-a": g2Listed,
  "me-central2-c": g2Listed,
  "northamerica-northeast1-b": g2Listed,
  "northamerica-northeast1-c": g2Listed,
  "northamerica-northeast2-a": g2Listed,
  "northamerica-northeast2-b": g2Listed,
  "us-central1-a": g2Listed,
  "us-central1-b": g2Listed,
  "us-central1-c": g2Listed,
  "us-east1-b": g2Listed,
  "us-east1-c": g2Listed,
  "us-east1-d": g2Listed,
  "us-east4-a": g2Listed,
  "us-east4-c": g2Listed,
  "us-west1-a": g2Listed,
  "us-west1-b": g2Listed,
  "us-west1-c": g2Listed,
  "us-west4-a": g2Listed,
  "us-west4-c": g2Listed,
};

export function l4Zones(): readonly string[] {
  return Object.keys(L4_ZONES).sort();
}

/** `us-central1` for `us-central1-a`. @throws RangeError for anything but a zone. */
export function regionOfZone(zone: string): string {
  const match = /^([a-z]+-[a-z]+\d+)-[a-z]$/.exec(zone);
  if (match?.[1] === undefined) throw new RangeError(`"${zone}" is not a zone such as us-central1-a`);
  return match[1];
}
