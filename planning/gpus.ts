/**
 * The GPU catalogue: which G2 machine types exist, how many L4s each carries, what one L4 can do, and in which zones
 * Google offers it. Tables only; nothing here asks Google.
 */

/** Machine types of the G2 series: the only ones that carry NVIDIA L4 GPUs. */
export type MachineType =
  | "g2-standard-4"
  | "g2-standard-8"
  | "g2-standard-12"
  | "g2-standard-16"
  | "g2-standard-24"
  | "g2-standard-32"
  | "g2-standard-48"
  | "g2-standard-96";

/** What one machine of a type holds. */
export interface MachineShape {
  readonly vcpus: number;
  /** GiB of RAM, before custom memory: G2's default. */
  readonly memoryGib: number;
  /** Attached L4 GPUs: fixed by the machine type, so a VM declares no accelerator of its own. */
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

/** True for a machine type of {@link MACHINE_TYPES}. */
export function isMachineType(x: string): x is MachineType {
  return Object.hasOwn(MACHINE_TYPES, x);
}

const MIB = 1024 ** 2;

/** One NVIDIA L4. */
export const L4 = {
  /** Bytes that `nvidia-smi` reports in total: 23,034 MiB of the 24 GB on the card, the rest being ECC's. */
  memoryBytes: 23_034 * MIB,
  /** Bytes a second. Source: NVIDIA L4 data sheet. */
  memoryBandwidthBytesPerSecond: 300e9,
  /** Dense half-precision tensor operations a second. Source: NVIDIA L4 data sheet (242 TFLOPS with sparsity). */
  fp16Flops: 121e12,
} as const;

/** Where it is written that a zone offers L4s. */
export interface ZoneFact {
  readonly source: string;
  /** False: believed, and read in no source that we could open. Check with `gcloud compute accelerator-types list`. */
  readonly confirmed: boolean;
}

const ANNOUNCEMENT = "https://cloud.google.com/compute/docs/gpus/gpu-regions-zones";
const listed: ZoneFact = { source: ANNOUNCEMENT, confirmed: false };

/** Zones that offer L4s. */
export const L4_ZONES: Readonly<Record<string, ZoneFact>> = {
  "us-central1-a": listed,
  "us-central1-b": listed,
  "us-central1-c": listed,
  "asia-northeast3-a": listed,
  "asia-northeast3-b": listed,
};

/** Names of {@link L4_ZONES}, sorted. */
export function l4Zones(): readonly string[] {
  return Object.keys(L4_ZONES).sort();
}

/**
 * `us-central1` for `us-central1-a`.
 * @throws RangeError for a text that is not a zone's name.
 */
export function regionOfZone(zone: string): string {
  const match = /^([a-z]+-[a-z]+\d+)-[a-z]$/.exec(zone);
  if (match?.[1] === undefined) throw new RangeError(`"${zone}" is not a zone such as us-central1-a`);
  return match[1];
}
